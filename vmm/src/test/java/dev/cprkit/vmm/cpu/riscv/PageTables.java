package dev.cprkit.vmm.cpu.riscv;

/** Builds page tables in a test's RAM. */
final class PageTables {
    static final int V = 1;
    static final int R = 2;
    static final int W = 4;
    static final int X = 8;
    static final int U = 16;
    static final int A = 64;
    static final int D = 128;
    static final int RWX = V | R | W | X | A | D;

    private static final long ROOT = TestHart.RAM + 0x40000;

    private final TestHart test;
    private final int levels;
    private long next = ROOT + 0x1000;

    /** Tables of 3 levels (Sv39) or 4 (Sv48); activates them. RAM is mapped at its own address with 4 KiB pages. */
    PageTables(TestHart test, int levels) {
        this.test = test;
        this.levels = levels;
        for (long page = 0; page < 0x20000; page += 0x1000) {
            map(TestHart.RAM + page, TestHart.RAM + page, RWX, 0);
        }
        test.hart.setCsr(Csr.SATP, (levels == 3 ? 8L : 9L) << 60 | ROOT >>> 12);
    }

    /** Maps a page of 4 KiB (level 0), 2 MiB (1) or 1 GiB (2); returns where its entry lies. */
    long map(long va, long pa, long bits, int level) {
        long table = ROOT;
        for (int at = levels - 1; at > level; at--) {
            long entry = table + (va >>> 12 + 9 * at & 511) * 8;
            if (test.u64(entry) == 0) {
                test.u64(entry, next >>> 12 << 10 | V);
                next += 0x1000;
            }
            table = test.u64(entry) >>> 10 << 12;
        }
        long entry = table + (va >>> 12 + 9 * level & 511) * 8;
        test.u64(entry, pa >>> 12 << 10 | bits);
        return entry;
    }
}
