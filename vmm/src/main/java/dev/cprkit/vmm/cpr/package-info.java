/**
 * What survives a change of process on one host: descriptors by name, the record of who owns the guest, and the
 * timeline of its pause (reference/qemu-cpr.md, sections 2.3 and 3.1).
 */
package dev.cprkit.vmm.cpr;
