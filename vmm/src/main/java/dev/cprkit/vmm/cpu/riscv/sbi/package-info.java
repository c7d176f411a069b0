/**
 * The supervisor binary interface 2.0 as firmware inside the emulator: what a kernel in S mode finds behind
 * {@code ecall} when no firmware runs in the guest. Source: RISC-V SBI specification 2.0.
 */
package dev.cprkit.vmm.cpu.riscv.sbi;
