package dev.cprkit.vmm.migration.ram;

import java.util.Arrays;

/** The pages of one block that have still to be sent: a bit each. Owned by the saving thread. */
final class PendingPages {
    final RamPlan.Piece piece;
    private final long[] words;

    /** All pages. */
    PendingPages(RamPlan.Piece piece) {
        this.piece = piece;
        words = new long[(piece.pages() + 63) / 64];
        Arrays.fill(words, -1);
        if ((piece.pages() & 63) != 0) {
            words[words.length - 1] = -1L >>> -piece.pages();
        }
    }

    /** Adds pages; returns how many were not there before. */
    int add(long[] pages) {
        int added = 0;
        for (int i = 0; i < words.length; i++) {
            long fresh = pages[i] & ~words[i];
            if (fresh != 0) {
                added += Long.bitCount(fresh);
                words[i] |= fresh;
            }
        }
        return added;
    }

    /** The first page from {@code from} on, or -1. */
    int next(int from) {
        int at = from >>> 6;
        if (at >= words.length) {
            return -1;
        }
        long word = words[at] & -1L << from;
        while (word == 0) {
            if (++at == words.length) {
                return -1;
            }
            word = words[at];
        }
        return (at << 6) + Long.numberOfTrailingZeros(word);
    }

    void remove(int page) {
        words[page >>> 6] &= ~(1L << page);
    }
}
