package dev.cprkit.vmm.cpu.riscv;

import java.util.Arrays;

/**
 * All decoded code of a hart, in one array of words (see {@link Op}); a block is known by the index of its first word.
 * Owned by the hart's thread.
 *
 * <p>Blocks are keyed by the physical address of their first instruction, so that decoded code survives every change of
 * translation, and lie within one physical page. A store to a page that holds blocks goes through the slow path and ends
 * here: a bitmap of 64-byte lines says at once whether it can hit code, so that data beside code stays cheap. A block
 * that is hit has its first word overwritten with {@link Op#LOOKUP}; whoever still links to it ends up there and looks
 * the address up again. Words are never moved or reused until the whole cache is emptied, so that a block that is being
 * executed may even drop itself.
 */
final class CodeCache {
    /** Where the {@link Op#CROSS} word lies that every branch out of its page links to. */
    static final int CROSS = 1;

    private static final int FIRST = 2;
    private static final int INITIAL_WORDS = 1 << 14;
    private static final int MAXIMUM_WORDS = 1 << 21;

    /** Set in all keys, so that none is 0. */
    private static final long USED = 1L << 62;

    private final RiscvHart hart;
    private final BlockTable blocks = new BlockTable();
    private final BlockTable pageNumbers = new BlockTable();
    private CodePage[] pages = new CodePage[64];
    private int pageCount;
    // The page that stores hit last, with code or without.
    private long lastPage = 1;
    private CodePage lastCodePage;

    /** The decoded words. Replaced when it grows. */
    long[] words = new long[INITIAL_WORDS];

    /**
     * For each word that is an instruction: the offset from its block's first instruction (bits 16-31), its length in
     * bytes (8-15), and how many instructions of the block precede it (0-7). For a fused pair, of its second.
     */
    int[] where = new int[INITIAL_WORDS];

    int top;

    /** Counts how often the cache was emptied. */
    int generation;

    CodeCache(RiscvHart hart) {
        this.hart = hart;
        clear();
    }

    /** How many blocks can be found. */
    int blockCount() {
        return blocks.count();
    }

    /** The most words that it holds. */
    static int capacity() {
        return MAXIMUM_WORDS;
    }

    /** Drops everything. */
    void clear() {
        generation++;
        blocks.clear();
        pageNumbers.clear();
        Arrays.fill(pages, null);
        pageCount = 0;
        lastPage = 1;
        words[0] = Op.LOOKUP;
        words[CROSS] = Op.CROSS;
        top = FIRST;
        if (hart.mmu != null) {
            hart.mmu.flush();
        }
    }

    /** Makes room for that many words, by growing or, at the limit, by emptying the cache. */
    void reserve(int count) {
        if (top + count <= words.length) {
            return;
        }
        if (words.length < MAXIMUM_WORDS) {
            words = Arrays.copyOf(words, words.length * 2);
            where = Arrays.copyOf(where, where.length * 2);
        } else {
            clear();
        }
    }

    /** The block at a physical address, or 0. */
    int find(long key) {
        return blocks.get(key | USED);
    }

    /** Files a block: its first word, the offset in the page where its instructions end, and the lines they lie in. */
    void add(long key, int word, int end, long lines) {
        blocks.put(key | USED, word);
        long address = key & ~0xfffL;
        CodePage page = page(address);
        if (page == null) {
            page = new CodePage(address);
            int number = pageCount++;
            if (number == pages.length) {
                pages = Arrays.copyOf(pages, number * 2);
            }
            pages[number] = page;
            pageNumbers.put(address | 1, number + 1);
            lastPage = 1;
            hart.mmu.evictStores(address);
        }
        page.add(key, word, end, lines);
    }

    /** Whether a physical page holds decoded code. */
    boolean holds(long address) {
        return page(address) != null;
    }

    private CodePage page(long address) {
        if (address != lastPage) {
            int number = pageNumbers.get(address | 1);
            lastPage = address;
            lastCodePage = number == 0 ? null : pages[number - 1];
        }
        return lastCodePage;
    }

    /** Guest memory was written: drops the blocks decoded from there. */
    void written(long address, long length) {
        long end = address + length;
        for (long at = address & ~0xfffL; at < end; at += 0x1000) {
            CodePage page = page(at);
            if (page != null) {
                int from = (int) Math.max(address - at, 0);
                int to = (int) Math.min(end - at, 0x1000);
                long hit = -1L << (from >>> 6) & -1L >>> 63 - (to - 1 >>> 6);
                if ((page.lines & hit) != 0) {
                    drop(page, from, to, hit);
                }
            }
        }
    }

    private void drop(CodePage page, int from, int to, long hit) {
        for (int i = page.count - 1; i >= 0; i--) {
            int start = (int) page.keys[i] & 0xffe;
            if ((page.blockLines[i] & hit) != 0 && start < to && page.ends[i] > from) {
                words[page.words[i]] = Op.LOOKUP;
                blocks.put(page.keys[i] | USED, 0);
                page.remove(i);
            }
        }
        if (page.count == 0) {
            int number = pageNumbers.get(page.address | 1);
            pages[number - 1] = null;
            pageNumbers.put(page.address | 1, 0);
            lastPage = 1;
            hart.mmu.evictStores(page.address);
        }
    }
}
