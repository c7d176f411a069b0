package dev.cprkit.vmm.cpu.riscv;

import java.util.Arrays;

/**
 * The translations that one mode of the MMU sees (U, S, S with SUM, M). Each mode has a set of its own, so that going to
 * and from the kernel flushes nothing.
 *
 * <p>{@code read} and {@code write} serve the interpreter: pairs of a tag and the difference between host and guest
 * address, direct-mapped by page. The tag is the virtual page's address; it is compared with the address of which the
 * bits inside the page are cleared except those that must be zero for a natural alignment. A misaligned access thus
 * misses, and so does one that leaves the page. Pages that hold decoded code are never in {@code write}.
 *
 * <p>{@code loads}, {@code stores} and {@code fetches} serve the slow paths: pairs of a virtual page and its physical
 * page, whatever is there.
 *
 * <p>{@code jumps} is the jump cache: pairs of a virtual pc and the index of its decoded block.
 */
final class TlbSet {
    /** Masks an index into {@code read} and {@code write}: 512 pairs. */
    static final int MASK = 0x3fe;
    /** Masks an index into {@code jumps}: 2048 pairs, by halfword. */
    static final int JUMP_MASK = 0xffe;

    /** Bit 11 is always clear in what tags are compared with. */
    private static final long NO_TAG = 0x800;

    private static final int SLOW_MASK = 0xfe;

    final long[] read = new long[MASK + 2];
    final long[] write = new long[MASK + 2];
    final long[] jumps = new long[JUMP_MASK + 2];
    private final long[][] slow = new long[3][SLOW_MASK + 2];
    private boolean used = true;

    TlbSet() {
        flush();
    }

    /** Forgets everything. */
    void flush() {
        if (!used) {
            return;
        }
        used = false;
        Arrays.fill(read, NO_TAG);
        Arrays.fill(write, NO_TAG);
        Arrays.fill(jumps, 1); // no pc is odd
        for (long[] pairs : slow) {
            Arrays.fill(pairs, NO_TAG);
        }
    }

    /** Forgets the jump cache. */
    void flushJumps() {
        if (used) {
            Arrays.fill(jumps, 1);
        }
    }

    /** Forgets every right to store. */
    void flushStores() {
        if (used) {
            Arrays.fill(write, NO_TAG);
            Arrays.fill(slow[Mmu.STORE], NO_TAG);
        }
    }

    /** Forgets one virtual page. */
    void flushPage(long virtualPage) {
        if (!used) {
            return;
        }
        int index = fastIndex(virtualPage);
        if (read[index] == virtualPage) {
            read[index] = NO_TAG;
        }
        if (write[index] == virtualPage) {
            write[index] = NO_TAG;
        }
        for (long[] pairs : slow) {
            if (pairs[slowIndex(virtualPage)] == virtualPage) {
                pairs[slowIndex(virtualPage)] = NO_TAG;
            }
        }
        flushJumps();
    }

    /** The physical page that the slow path knows for a virtual page and a kind of access, or {@link Mmu#FAULT}. */
    long find(int kind, long virtualPage) {
        long[] pairs = slow[kind];
        int index = slowIndex(virtualPage);
        return pairs[index] == virtualPage ? pairs[index + 1] : Mmu.FAULT;
    }

    void fill(int kind, long virtualPage, long physicalPage) {
        used = true;
        long[] pairs = slow[kind];
        int index = slowIndex(virtualPage);
        pairs[index] = virtualPage;
        pairs[index + 1] = physicalPage;
    }

    void fillRead(long virtualPage, long hostPage) {
        int index = fastIndex(virtualPage);
        read[index] = virtualPage;
        read[index + 1] = hostPage - virtualPage;
    }

    void fillWrite(long virtualPage, long hostPage) {
        int index = fastIndex(virtualPage);
        write[index] = virtualPage;
        write[index + 1] = hostPage - virtualPage;
    }

    void fillJump(long pc, int block) {
        used = true;
        int index = (int) pc & JUMP_MASK;
        jumps[index] = pc;
        jumps[index + 1] = block;
    }

    /** Forgets the right to store to a physical page, wherever it is mapped. */
    void evictStores(long physicalPage, long hostPage) {
        for (int i = 0; i < write.length; i += 2) {
            if (write[i] + write[i + 1] == hostPage) {
                write[i] = NO_TAG;
            }
        }
        long[] stores = slow[Mmu.STORE];
        for (int i = 0; i < stores.length; i += 2) {
            if (stores[i + 1] == physicalPage) {
                stores[i] = NO_TAG;
            }
        }
    }

    private static int fastIndex(long virtualPage) {
        return (int) (virtualPage >>> 11) & MASK;
    }

    private static int slowIndex(long virtualPage) {
        return (int) (virtualPage >>> 11) & SLOW_MASK;
    }
}
