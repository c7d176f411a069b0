/** Guest RAM and the physical address space. */
package dev.cprkit.vmm.memory;
