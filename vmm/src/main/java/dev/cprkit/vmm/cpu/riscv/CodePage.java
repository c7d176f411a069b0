package dev.cprkit.vmm.cpu.riscv;

import java.util.Arrays;

/** The decoded blocks of one physical page, for finding those that a store hits. Owned by {@link CodeCache}. */
final class CodePage {
    final long address;
    // Which of the page's 64 lines of 64 bytes hold decoded instructions.
    long lines;
    int count;
    // Per block: its key, its first word, the offset in the page where its instructions end, and its lines.
    long[] keys = new long[4];
    int[] words = new int[4];
    int[] ends = new int[4];
    long[] blockLines = new long[4];

    CodePage(long address) {
        this.address = address;
    }

    void add(long key, int word, int end, long blockLines) {
        if (count == keys.length) {
            keys = Arrays.copyOf(keys, count * 2);
            words = Arrays.copyOf(words, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
            this.blockLines = Arrays.copyOf(this.blockLines, count * 2);
        }
        keys[count] = key;
        words[count] = word;
        ends[count] = end;
        this.blockLines[count] = blockLines;
        lines |= blockLines;
        count++;
    }

    void remove(int index) {
        count--;
        keys[index] = keys[count];
        words[index] = words[count];
        ends[index] = ends[count];
        blockLines[index] = blockLines[count];
        lines = 0;
        for (int i = 0; i < count; i++) {
            lines |= blockLines[i];
        }
    }
}
