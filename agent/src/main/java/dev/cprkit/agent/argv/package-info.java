/** QEMU's command line syntax, and the command line of the process that takes over. No I/O. */
package dev.cprkit.agent.argv;
