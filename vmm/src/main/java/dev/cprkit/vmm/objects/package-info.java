/** Objects that users make and remove: memory backends, sources of entropy, monitors. */
package dev.cprkit.vmm.objects;
