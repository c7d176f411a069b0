/**
 * Migration: parameters, capabilities, blockers, the stream, and the two sides of a move to another process as explicit
 * state machines (reference/qemu-cpr.md, sections 1 to 3 and 8). Everything runs on the main loop's thread with the
 * machine lock held, unless a type says otherwise.
 */
package dev.cprkit.vmm.migration;
