/** What only the emulator asks of the host. Each call names the man page that it follows. */
package dev.cprkit.vmm.os;
