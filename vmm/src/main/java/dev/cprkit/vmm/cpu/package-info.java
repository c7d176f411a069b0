/** The seam between the machine and whatever executes guest instructions. */
package dev.cprkit.vmm.cpu;
