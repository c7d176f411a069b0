/** The qtest protocol as QEMU's own tests speak it, with a process at the other end. */
package dev.cprkit.it.qtest;
