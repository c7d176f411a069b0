/**
 * Guest RAM in the stream: section {@code ram} with its pages, out and in, mapped-ram files, and the pace at which a
 * running guest's RAM is sent (reference/qemu-cpr.md, sections 3.8, 3.9 and 8.3). Knows no transport, no mode and no
 * main loop.
 */
package dev.cprkit.vmm.migration.ram;
