/** The serial line: a 16550A. */
package dev.cprkit.vmm.device.uart;
