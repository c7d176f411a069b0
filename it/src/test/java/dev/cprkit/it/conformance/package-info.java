/**
 * The cases of reference/qemu-cpr.md, section 12, each written once and tried on {@code vmm} and on two QEMUs, so that what
 * is believed of QEMU is checked against QEMU, and what {@code vmm} does otherwise is said.
 */
package dev.cprkit.it.conformance;
