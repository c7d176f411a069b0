/** The machine: it owns the rest, and a board lays it out. */
package dev.cprkit.vmm.machine;
