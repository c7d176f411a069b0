/** The command line, in QEMU's syntax, read into a {@link dev.cprkit.vmm.machine.config.MachineConfig}. No I/O. */
package dev.cprkit.vmm.cli;
