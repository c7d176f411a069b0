package dev.cprkit.vmm.cpu.riscv;

/** Fields of mstatus (RISC-V privileged architecture, "Machine Status Registers"); sstatus shows some of them. */
final class Status {
    static final long SIE = 1L << 1;
    static final long MIE = 1L << 3;
    static final long SPIE = 1L << 5;
    static final long MPIE = 1L << 7;
    static final long SPP = 1L << 8;
    static final int MPP_SHIFT = 11;
    static final long MPP = 3L << MPP_SHIFT;
    static final long FS = 3L << 13;
    static final long FS_DIRTY = FS;
    static final long MPRV = 1L << 17;
    static final long SUM = 1L << 18;
    static final long MXR = 1L << 19;
    static final long TVM = 1L << 20;
    static final long TW = 1L << 21;
    static final long TSR = 1L << 22;
    static final long SD = 1L << 63;

    /** UXL and SXL: 64 bits, for ever. */
    static final long UXL_SXL = 2L << 32 | 2L << 34;

    static final long WRITABLE = SIE | MIE | SPIE | MPIE | SPP | MPP | FS | MPRV | SUM | MXR | TVM | TW | TSR;

    /** What S mode may write through sstatus, and what it sees. */
    static final long SUPERVISOR_WRITABLE = SIE | SPIE | SPP | FS | SUM | MXR;

    static final long SUPERVISOR_VISIBLE = SUPERVISOR_WRITABLE | 3L << 32 | SD;

    private Status() {}

    /** What a write leaves: writable fields, with a reserved MPP replaced by the one before. */
    static long written(long old, long value) {
        long next = old & ~WRITABLE | value & WRITABLE;
        return (next & MPP) >> MPP_SHIFT == 2 ? next & ~MPP | old & MPP : next;
    }

    /** As software reads it: SD sums up FS. */
    static long read(long status) {
        return (status & FS) == FS_DIRTY ? status | SD : status;
    }
}
