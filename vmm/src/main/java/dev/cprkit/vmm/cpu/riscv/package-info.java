/** The RV64GC hart: decoder, interpreter of decoded code, MMU, CSRs and traps. */
package dev.cprkit.vmm.cpu.riscv;
