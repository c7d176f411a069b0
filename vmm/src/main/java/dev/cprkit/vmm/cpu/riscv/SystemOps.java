package dev.cprkit.vmm.cpu.riscv;

/** Traps, and the instructions of the privileged architecture that are not about CSRs. */
final class SystemOps {
    static final int ECALL = 0x00000073;
    static final int EBREAK = 0x00100073;
    static final int SRET = 0x10200073;
    static final int WFI = 0x10500073;
    static final int MRET = 0x30200073;
    /** Stands for every encoding of FENCE.I. */
    static final int FENCE_I = 0x0000100f;

    private static final long INTERRUPT = 1L << 63;

    private final RiscvHart hart;

    SystemOps(RiscvHart hart) {
        this.hart = hart;
    }

    static boolean isSfence(int insn) {
        return (insn & 0xfe007fff) == 0x12000073;
    }

    /** Executes a {@link Op#SYSTEM} word. Decoded code has to be left in any case. */
    void execute(long word) {
        int insn = Op.immediate(word);
        Csrs csrs = hart.csrs;
        int mode = hart.mode;
        boolean supervisor = mode == RiscvHart.SUPERVISOR;
        switch (insn) {
            case ECALL -> ecall(mode);
            case EBREAK -> hart.trap(Cause.BREAKPOINT, hart.address());
            case FENCE_I -> hart.advance(); // stores drop decoded code at once
            case MRET -> {
                if (mode == RiscvHart.MACHINE) {
                    hart.advance();
                    mret();
                } else {
                    illegal(insn);
                }
            }
            case SRET -> {
                if (mode == RiscvHart.MACHINE || supervisor && (csrs.mstatus & Status.TSR) == 0) {
                    hart.advance();
                    sret();
                } else {
                    illegal(insn);
                }
            }
            case WFI -> {
                if (mode == RiscvHart.MACHINE || supervisor && (csrs.mstatus & Status.TW) == 0) {
                    hart.advance();
                    hart.waitForInterrupt();
                } else {
                    illegal(insn);
                }
            }
            default -> {
                if (mode == RiscvHart.MACHINE || supervisor && (csrs.mstatus & Status.TVM) == 0) {
                    hart.advance();
                    if (Op.rs1(word) == 0) {
                        hart.mmu.flush();
                    } else {
                        hart.mmu.flush(hart.x[Op.rs1(word)]);
                    }
                } else {
                    illegal(insn);
                }
            }
        }
    }

    private void illegal(int insn) {
        hart.trap(Cause.ILLEGAL_INSTRUCTION, insn & 0xffffffffL);
    }

    private void ecall(int mode) {
        if (mode == RiscvHart.SUPERVISOR && hart.supervisorCalls.isPresent()) {
            long pc = hart.pc;
            int left = hart.left;
            hart.advance();
            if (hart.supervisorCalls.get().call(hart)) {
                return;
            }
            hart.pc = pc;
            hart.left = left;
        }
        hart.trap(Cause.ECALL_U + mode, 0);
    }

    /** Enters the handler of a trap that was met at {@code pc}. */
    void enter(long cause, long value, long pc) {
        Csrs csrs = hart.csrs;
        long status = csrs.mstatus;
        boolean interrupt = (cause & INTERRUPT) != 0;
        long delegated = interrupt ? csrs.mideleg : csrs.medeleg;
        int previous = hart.mode;
        hart.atomics.dropReservation();
        if (previous < RiscvHart.MACHINE && (delegated >>> (cause & 63) & 1) != 0) {
            csrs.scause = cause;
            csrs.stval = value;
            csrs.sepc = pc;
            long enabled = (status & Status.SIE) != 0 ? Status.SPIE : 0;
            long from = previous == RiscvHart.SUPERVISOR ? Status.SPP : 0;
            csrs.mstatus = status & ~(Status.SPIE | Status.SPP | Status.SIE) | enabled | from;
            hart.mode = RiscvHart.SUPERVISOR;
            hart.pc = handler(csrs.stvec, cause);
        } else {
            csrs.mcause = cause;
            csrs.mtval = value;
            csrs.mepc = pc;
            long enabled = (status & Status.MIE) != 0 ? Status.MPIE : 0;
            csrs.mstatus =
                    status & ~(Status.MPIE | Status.MPP | Status.MIE) | enabled | (long) previous << Status.MPP_SHIFT;
            hart.mode = RiscvHart.MACHINE;
            hart.pc = handler(csrs.mtvec, cause);
        }
        hart.selectContext();
    }

    void interrupt(int code) {
        enter(INTERRUPT | code, 0, hart.pc);
    }

    private static long handler(long vector, long cause) {
        long base = vector & ~3L;
        return (vector & 1) != 0 && cause < 0 ? base + 4 * (cause & 63) : base;
    }

    private void mret() {
        Csrs csrs = hart.csrs;
        long status = csrs.mstatus;
        int mode = (int) (status >>> Status.MPP_SHIFT) & 3;
        long enabled = (status & Status.MPIE) != 0 ? Status.MIE : 0;
        status = status & ~(Status.MIE | Status.MPP) | enabled | Status.MPIE;
        csrs.mstatus = mode == RiscvHart.MACHINE ? status : status & ~Status.MPRV;
        go(mode, csrs.mepc);
    }

    private void sret() {
        Csrs csrs = hart.csrs;
        long status = csrs.mstatus;
        int mode = (status & Status.SPP) != 0 ? RiscvHart.SUPERVISOR : RiscvHart.USER;
        long enabled = (status & Status.SPIE) != 0 ? Status.SIE : 0;
        csrs.mstatus = status & ~(Status.SIE | Status.SPP | Status.MPRV) | enabled | Status.SPIE;
        go(mode, csrs.sepc);
    }

    private void go(int mode, long pc) {
        hart.atomics.dropReservation();
        hart.mode = mode;
        hart.pc = pc;
        hart.selectContext();
    }
}
