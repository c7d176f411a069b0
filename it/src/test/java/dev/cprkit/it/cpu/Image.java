package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;

/** Fills the RAM that both machines start from. */
final class Image {
    private Image() {}

    /** Writes the harness, page tables and so many sequences of a seed, fit for an old QEMU if so; gives what was generated. */
    static Sequences fill(ByteBuffer image, long seed, int blocks, boolean old) {
        Harness.writeTo(image, blocks);
        new PageTables(image, seed).write();
        Sequences sequences = new Sequences(seed, old);
        for (int i = 0; i < blocks; i++) {
            sequences.write(image, i);
        }
        return sequences;
    }
}
