/** The human monitor of the whole program: its answers beside QEMU's, and the terminal it runs on. */
package dev.cprkit.it.monitor;
