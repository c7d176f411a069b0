package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.HostMemory;

/**
 * The page table walk of Sv39 and Sv48 (RISC-V privileged architecture, "Virtual Address Translation Process"), with
 * Svadu: accessed and dirty bits are set by an atomic compare-and-set if menvcfg.ADUE says so, else their absence is a
 * page fault. Svnapot and Svpbmt are absent, so that their bits are reserved and fault.
 */
final class PageWalker {
    private static final int V = 1;
    private static final int R = 2;
    private static final int W = 4;
    private static final int X = 8;
    private static final int U = 16;
    private static final int A = 64;
    private static final int D = 128;
    private static final long RESERVED = 0xffc0000000000000L;
    private static final long PPN = (1L << 44) - 1;

    // What became of setting A and D: done; the entry changed meanwhile; software has to; the memory refuses.
    private static final int MARKED = 0;
    private static final int RACED = 1;
    private static final int LEFT = 2;
    private static final int REFUSED = 3;

    private final RiscvHart hart;
    private final Mmu mmu;
    // Whether a page of more than 4 KiB was seen since the last flush, in the lower and the upper half.
    private boolean largeBelow;
    private boolean largeAbove;

    PageWalker(RiscvHart hart, Mmu mmu) {
        this.hart = hart;
        this.mmu = mmu;
    }

    void flushed() {
        largeBelow = false;
        largeAbove = false;
    }

    /** Whether the TLBs may hold pieces of a larger page that covers the address. */
    boolean mayBeLarge(long va) {
        return va < 0 ? largeAbove : largeBelow;
    }

    /** The physical address for an access of that kind from that mode, or {@link Mmu#FAULT} after recording the trap. */
    long walk(long va, int kind, int mode, boolean sum) {
        long satp = hart.csrs.satp;
        if (mode == RiscvHart.MACHINE || satp >>> 60 == 0) {
            return physical(va, kind);
        }
        int levels = satp >>> 60 == 8 ? 3 : 4;
        int unused = 64 - 12 - 9 * levels;
        if (va << unused >> unused != va) {
            return pageFault(kind, va);
        }
        long table = (satp & PPN) << 12;
        int level = levels - 1;
        while (true) {
            long address = table + (va >>> 12 + 9 * level & 511) * 8;
            long host = mmu.readableHost(address, 8);
            if (host == 0 || !hart.pmp.allows(address, 8, Pmp.READ, RiscvHart.SUPERVISOR)) {
                mmu.fault(kind, va);
                return Mmu.FAULT;
            }
            long pte = HostMemory.getLongVolatile(host);
            if ((pte & V) == 0 || (pte & (R | W)) == W || (pte & RESERVED) != 0) {
                return pageFault(kind, va);
            }
            if ((pte & (R | X)) == 0) {
                if (level == 0 || (pte & (A | D | U)) != 0) {
                    return pageFault(kind, va);
                }
                table = (pte >>> 10 & PPN) << 12;
                level--;
                continue;
            }
            long within = (1L << 12 + 9 * level) - 1;
            long frame = (pte >>> 10 & PPN) << 12;
            if (!permits(pte, kind, mode, sum) || (frame & within) != 0) {
                return pageFault(kind, va);
            }
            int needed = kind == Mmu.STORE ? A | D : A;
            if ((pte & needed) != needed) {
                int outcome = mark(address, host, pte, pte | needed);
                if (outcome == RACED) {
                    table = (satp & PPN) << 12;
                    level = levels - 1;
                    continue;
                }
                if (outcome == REFUSED) {
                    mmu.fault(kind, va);
                    return Mmu.FAULT;
                }
                if (outcome == LEFT) {
                    return pageFault(kind, va);
                }
            }
            if (level > 0) {
                largeAbove |= va < 0;
                largeBelow |= va >= 0;
            }
            return frame | va & within;
        }
    }

    private int mark(long address, long host, long pte, long marked) {
        if (!hart.csrs.hardwareUpdatesPtes()) {
            return LEFT;
        }
        if (mmu.writableHost(address, 8) == 0 || !hart.pmp.allows(address, 8, Pmp.WRITE, RiscvHart.SUPERVISOR)) {
            return REFUSED;
        }
        mmu.aboutToStore(address, 8);
        if (!HostMemory.compareAndSetLong(host, pte, marked)) {
            return RACED;
        }
        hart.code.written(address, 8);
        return MARKED;
    }

    private boolean permits(long pte, int kind, int mode, boolean sum) {
        if ((pte & U) != 0 ? mode == RiscvHart.SUPERVISOR && (kind == Mmu.FETCH || !sum) : mode == RiscvHart.USER) {
            return false;
        }
        return switch (kind) {
            case Mmu.FETCH -> (pte & X) != 0;
            case Mmu.LOAD -> (pte & R) != 0 || (pte & X) != 0 && hart.csrs.makesExecutableReadable();
            default -> (pte & W) != 0;
        };
    }

    private long physical(long va, int kind) {
        if (va >>> 56 != 0) {
            mmu.fault(kind, va);
            return Mmu.FAULT;
        }
        return va;
    }

    private long pageFault(int kind, long va) {
        mmu.pageFault(kind, va);
        return Mmu.FAULT;
    }
}
