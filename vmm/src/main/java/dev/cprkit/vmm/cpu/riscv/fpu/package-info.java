/**
 * IEEE 754-2008 arithmetic as the F and D extensions of RISC-V want it, exact to the bit and to the flag, on raw bits.
 * Host arithmetic where it provably gives the same answer, integers elsewhere.
 */
package dev.cprkit.vmm.cpu.riscv.fpu;
