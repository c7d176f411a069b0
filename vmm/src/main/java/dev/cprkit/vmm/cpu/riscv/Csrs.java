package dev.cprkit.vmm.cpu.riscv;

/**
 * The control and status registers: their values, who may use them, and what a write leaves of a value (WARL rules).
 * Owned by the hart's thread. Source: RISC-V privileged architecture 1.13; where it leaves a choice, QEMU's is taken.
 */
final class Csrs {
    private static final long MISA =
            2L << 62 | bit('I') | bit('M') | bit('A') | bit('F') | bit('D') | bit('C') | bit('B') | bit('S') | bit('U');
    /** Every exception except ecall from M mode can be delegated. */
    private static final long DELEGABLE = 0xb3ff;

    private static final long FIOM = 1;
    private static final long ADUE = 1L << 61;
    private static final long STCE = 1L << 63;

    final Counters counters;
    private final RiscvHart hart;

    long mstatus;
    long medeleg;
    long mideleg;
    long mie;
    long mtvec;
    long mcounteren;
    long menvcfg;
    long mscratch;
    long mepc;
    long mcause;
    long mtval;
    long stvec;
    long scounteren;
    long senvcfg;
    long sscratch;
    long sepc;
    long scause;
    long stval;
    long satp;
    volatile long stimecmp;
    /** SSIP, SEIP and, without Sstc's timer, STIP as software has set them. */
    long softwarePending;
    /** The rounding mode as written, which may be a reserved one. */
    int frm;

    /** A write changed how code or data are reached, or may have let an interrupt in: leave decoded code. */
    boolean contextChanged;

    Csrs(RiscvHart hart) {
        this.hart = hart;
        this.counters = new Counters(hart);
    }

    private static long bit(char extension) {
        return 1L << extension - 'A';
    }

    void reset() {
        mstatus = Status.UXL_SXL;
        medeleg = 0;
        mideleg = 0;
        mie = 0;
        mtvec = 0;
        mcounteren = 0;
        menvcfg = ADUE;
        mscratch = 0;
        mepc = 0;
        mcause = 0;
        mtval = 0;
        stvec = 0;
        scounteren = 0;
        senvcfg = 0;
        sscratch = 0;
        sepc = 0;
        scause = 0;
        stval = 0;
        satp = 0;
        stimecmp = 0;
        softwarePending = 0;
        frm = 0;
        counters.reset();
    }

    /** What firmware would leave for a kernel in S mode: everything delegated, the timer and the counters open. */
    void openForSupervisor() {
        medeleg = DELEGABLE & ~(1L << Cause.ECALL_S);
        mideleg = Interrupts.SUPERVISOR;
        mcounteren = 7;
        scounteren = 7; // as OpenSBI leaves it: a kernel without a PMU driver expects that user code may read the time
        menvcfg = ADUE | STCE;
        stimecmp = -1;
    }

    boolean supervisorTimer() {
        return (menvcfg & STCE) != 0;
    }

    boolean hardwareUpdatesPtes() {
        return (menvcfg & ADUE) != 0;
    }

    boolean makesExecutableReadable() {
        return (mstatus & Status.MXR) != 0;
    }

    /**
     * Executes a CSR instruction; false if it trapped or code has to be found anew. It is one method because it should be
     * too large for HotSpot to inline into the interpreter's loop, which would be compiled anew for each register that
     * turns up here.
     */
    boolean execute(long word) {
        int insn = Op.immediate(word);
        int number = insn >>> 20;
        int operand = insn >>> 15 & 31;
        int kind = insn >>> 12 & 3;
        boolean writes = kind == 1 || operand != 0;
        int mode = hart.mode;
        boolean machine = mode == RiscvHart.MACHINE;
        // The register exists, the mode is privileged enough, and nothing withholds it.
        boolean allowed = mode >= (number >>> 8 & 3) && (!writes || number >>> 10 != 3) && exists(number);
        if (number >= Csr.CYCLE && number < Csr.CYCLE + 32) {
            long enabled = mode == RiscvHart.USER ? mcounteren & scounteren : mcounteren;
            allowed &= machine || (enabled >>> number - Csr.CYCLE & 1) != 0;
        } else if (number == Csr.FFLAGS || number == Csr.FRM || number == Csr.FCSR) {
            allowed &= (mstatus & Status.FS) != 0;
        } else if (number == Csr.SATP) {
            allowed &= machine || (mstatus & Status.TVM) == 0;
        } else if (number == Csr.STIMECMP) {
            allowed &= machine || supervisorTimer() && (mcounteren & 2) != 0;
        }
        if (!allowed) {
            return hart.trap(Cause.ILLEGAL_INSTRUCTION, insn & 0xffffffffL);
        }
        long source = (insn >>> 14 & 1) != 0 ? operand : hart.x[operand];
        long old = read(number);
        if (writes) {
            // The wire of SEIP shows in what is read, but not in what set and clear start from.
            long base = number == Csr.MIP ? old & ~Interrupts.SEI | softwarePending & Interrupts.SEI : old;
            write(number, kind == 1 ? source : kind == 2 ? base | source : base & ~source);
        }
        hart.x[Op.rd(word)] = old;
        if (contextChanged) {
            contextChanged = false;
            hart.advance();
            hart.selectContext();
            return false;
        }
        return true;
    }

    private static boolean exists(int number) {
        return switch (number) {
            case Csr.FFLAGS,
                    Csr.FRM,
                    Csr.FCSR,
                    Csr.SSTATUS,
                    Csr.SIE,
                    Csr.STVEC,
                    Csr.SCOUNTEREN,
                    Csr.SENVCFG,
                    Csr.SSCRATCH,
                    Csr.SEPC,
                    Csr.SCAUSE,
                    Csr.STVAL,
                    Csr.SIP,
                    Csr.STIMECMP,
                    Csr.SATP,
                    Csr.MSTATUS,
                    Csr.MISA,
                    Csr.MEDELEG,
                    Csr.MIDELEG,
                    Csr.MIE,
                    Csr.MTVEC,
                    Csr.MCOUNTEREN,
                    Csr.MENVCFG,
                    Csr.MCOUNTINHIBIT,
                    Csr.MSCRATCH,
                    Csr.MEPC,
                    Csr.MCAUSE,
                    Csr.MTVAL,
                    Csr.MIP,
                    Csr.PMPCFG0,
                    Csr.PMPCFG2,
                    Csr.TINFO,
                    Csr.MCYCLE,
                    Csr.MVENDORID,
                    Csr.MARCHID,
                    Csr.MIMPID,
                    Csr.MHARTID,
                    Csr.MCONFIGPTR -> true;
            default ->
                number >= Csr.PMPADDR0 && number < Csr.PMPADDR0 + Pmp.ENTRIES
                        || number >= Csr.MHPMEVENT3 && number < Csr.MHPMEVENT3 + 29
                        || number >= Csr.TSELECT && number <= Csr.TDATA3
                        || number >= Csr.MINSTRET && number < Csr.MCYCLE + 32
                        || number >= Csr.CYCLE && number < Csr.CYCLE + 32;
        };
    }

    /** The value of a CSR; one that is not there, and one that is hardwired to 0, reads 0. */
    long read(int number) {
        return switch (number) {
            case Csr.FFLAGS -> hart.status.flags;
            case Csr.FRM -> frm;
            case Csr.FCSR -> hart.status.flags | frm << 5;
            case Csr.SSTATUS -> Status.read(mstatus) & Status.SUPERVISOR_VISIBLE;
            case Csr.SIE -> mie & mideleg;
            case Csr.STVEC -> stvec;
            case Csr.SCOUNTEREN -> scounteren;
            case Csr.SENVCFG -> senvcfg;
            case Csr.SSCRATCH -> sscratch;
            case Csr.SEPC -> sepc;
            case Csr.SCAUSE -> scause;
            case Csr.STVAL -> stval;
            case Csr.SIP -> hart.interrupts.pendingNow() & mideleg;
            case Csr.STIMECMP -> stimecmp;
            case Csr.SATP -> satp;
            case Csr.MSTATUS -> Status.read(mstatus);
            case Csr.MISA -> MISA;
            case Csr.MEDELEG -> medeleg;
            case Csr.MIDELEG -> mideleg;
            case Csr.MIE -> mie;
            case Csr.MTVEC -> mtvec;
            case Csr.MCOUNTEREN -> mcounteren;
            case Csr.MENVCFG -> menvcfg;
            case Csr.MCOUNTINHIBIT -> counters.inhibited;
            case Csr.MSCRATCH -> mscratch;
            case Csr.MEPC -> mepc;
            case Csr.MCAUSE -> mcause;
            case Csr.MTVAL -> mtval;
            case Csr.MIP -> hart.interrupts.pendingNow();
            case Csr.PMPCFG0 -> hart.pmp.configuration(0);
            case Csr.PMPCFG2 -> hart.pmp.configuration(1);
            case Csr.TINFO -> 1; // the only type is 0: there is no trigger here
            case Csr.MCYCLE, Csr.CYCLE -> counters.cycle();
            case Csr.MINSTRET, Csr.INSTRET -> counters.instret();
            case Csr.TIME -> hart.mtime.getAsLong();
            case Csr.MHARTID -> hart.id;
            default ->
                number >= Csr.PMPADDR0 && number < Csr.PMPADDR0 + Pmp.ENTRIES
                        ? hart.pmp.address(number - Csr.PMPADDR0)
                        : 0;
        };
    }

    /** Writes a CSR as M mode would; one that is not there, and one that is read-only, keeps its value. */
    void write(int number, long value) {
        switch (number) {
            case Csr.FFLAGS -> writeFloats(frm, (int) value & 31);
            case Csr.FRM -> writeFloats((int) value & 7, hart.status.flags);
            case Csr.FCSR -> writeFloats((int) value >>> 5 & 7, (int) value & 31);
            case Csr.SSTATUS -> writeStatus(mstatus & ~Status.SUPERVISOR_WRITABLE | value & Status.SUPERVISOR_WRITABLE);
            case Csr.SIE -> writeEnable(mie & ~mideleg | value & mideleg);
            case Csr.STVEC -> stvec = vector(stvec, value);
            case Csr.SCOUNTEREN -> scounteren = value & 0xffffffffL;
            case Csr.SENVCFG -> senvcfg = value & FIOM;
            case Csr.SSCRATCH -> sscratch = value;
            case Csr.SEPC -> sepc = value & ~1L;
            case Csr.SCAUSE -> scause = value;
            case Csr.STVAL -> stval = value;
            case Csr.SIP -> writePending(value, Interrupts.SSI & mideleg);
            case Csr.STIMECMP -> {
                stimecmp = value;
                hart.interrupts.rearmTimer();
                contextChanged = true;
            }
            case Csr.SATP -> writeSatp(value);
            case Csr.MSTATUS -> writeStatus(Status.written(mstatus, value));
            case Csr.MEDELEG -> medeleg = value & DELEGABLE;
            case Csr.MIDELEG -> {
                mideleg = value & Interrupts.SUPERVISOR;
                contextChanged = true;
            }
            case Csr.MIE -> writeEnable(value & Interrupts.ALL);
            case Csr.MTVEC -> mtvec = vector(mtvec, value);
            case Csr.MCOUNTEREN -> mcounteren = value & 0xffffffffL;
            case Csr.MENVCFG -> {
                menvcfg = value & (FIOM | ADUE | STCE);
                hart.interrupts.rearmTimer();
                contextChanged = true;
            }
            case Csr.MCOUNTINHIBIT -> counters.inhibit(value);
            case Csr.MSCRATCH -> mscratch = value;
            case Csr.MEPC -> mepc = value & ~1L;
            case Csr.MCAUSE -> mcause = value;
            case Csr.MTVAL -> mtval = value;
            case Csr.MIP ->
                writePending(value, supervisorTimer() ? Interrupts.SSI | Interrupts.SEI : Interrupts.SUPERVISOR);
            case Csr.PMPCFG0, Csr.PMPCFG2 -> {
                hart.pmp.setConfiguration(number == Csr.PMPCFG0 ? 0 : 1, value);
                hart.mmu.flush();
                contextChanged = true;
            }
            case Csr.MCYCLE -> counters.setCycle(value);
            case Csr.MINSTRET -> counters.setInstret(value);
            default -> {
                if (number >= Csr.PMPADDR0 && number < Csr.PMPADDR0 + Pmp.ENTRIES) {
                    hart.pmp.setAddress(number - Csr.PMPADDR0, value);
                    hart.mmu.flush();
                    contextChanged = true;
                }
            }
        }
    }

    private void writeFloats(int mode, int flags) {
        hart.status.flags = flags;
        mstatus |= Status.FS_DIRTY;
        if (mode != frm) {
            frm = mode;
            contextChanged = true;
        }
        hart.floatsChanged();
    }

    private void writeStatus(long value) {
        long changed = mstatus ^ value;
        mstatus = value;
        if ((changed & Status.MXR) != 0) {
            hart.mmu.flush();
        }
        long opened = changed & value & (Status.SIE | Status.MIE);
        long context = Status.MXR | Status.SUM | Status.MPRV | Status.MPP | Status.FS;
        if ((changed & context) != 0 || opened != 0 && hart.interrupts.next() >= 0) {
            contextChanged = true;
        }
    }

    private void writeEnable(long value) {
        mie = value;
        contextChanged |= hart.interrupts.next() >= 0;
    }

    private void writePending(long value, long mask) {
        softwarePending = softwarePending & ~mask | value & mask;
        contextChanged |= hart.interrupts.next() >= 0;
    }

    private void writeSatp(long value) {
        long mode = value >>> 60;
        if (mode != 0 && mode != 8 && mode != 9) {
            return; // the whole write has no effect
        }
        // There are no address space identifiers.
        long next = value & (0xfL << 60 | (1L << 44) - 1);
        if (next != satp) {
            satp = next;
            hart.mmu.flush();
            contextChanged = true;
        }
    }

    private static long vector(long old, long value) {
        return (value & 3) < 2 ? value : old;
    }
}
