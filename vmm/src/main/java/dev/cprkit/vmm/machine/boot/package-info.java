/** What is in guest memory when a machine starts: firmware, kernel, initrd, device tree, reset vector. */
package dev.cprkit.vmm.machine.boot;
