/** What every device of a board has in common: it resets, it travels, it drives interrupt wires. */
package dev.cprkit.vmm.device;
