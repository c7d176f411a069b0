package dev.cprkit.vmm.cpu.riscv;

/** Causes of traps: the codes of mcause and scause (RISC-V privileged architecture, "Machine Cause Register"). */
final class Cause {
    static final int INSTRUCTION_MISALIGNED = 0;
    static final int INSTRUCTION_ACCESS = 1;
    static final int ILLEGAL_INSTRUCTION = 2;
    static final int BREAKPOINT = 3;
    static final int LOAD_MISALIGNED = 4;
    static final int LOAD_ACCESS = 5;
    static final int STORE_MISALIGNED = 6;
    static final int STORE_ACCESS = 7;
    static final int ECALL_U = 8;
    static final int ECALL_S = 9;
    static final int ECALL_M = 11;
    static final int INSTRUCTION_PAGE = 12;
    static final int LOAD_PAGE = 13;
    static final int STORE_PAGE = 15;

    private Cause() {}
}
