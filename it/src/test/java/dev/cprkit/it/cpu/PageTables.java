package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Two Sv39 trees over the same memory: RAM at its own address, for supervisor code or for user code, and a zoo of 512
 * pages with every permission, reserved bits, targets that are no RAM, and broken superpages and pointers around it.
 */
final class PageTables {
    /** The zoo's virtual address; its pages lie between {@link #ZOO_PHYSICAL} and 64 pages on. */
    static final long ZOO = 0x9000_0000L;

    static final int ZOO_PAGES = 512;
    static final long ZOO_PHYSICAL = Harness.RAM + 0x20_0000;
    static final int ZOO_PHYSICAL_PAGES = 64;
    /** As many pages again, for data alone, which may lie across two of them. */
    static final long EDGES = 0x9100_0000L;

    private static final long EDGES_PHYSICAL = ZOO_PHYSICAL + 0x10_0000;
    /** One gigabyte of RAM seen again. */
    static final long ALIAS = 0xc000_0000L;

    static final long HIGH_ALIAS = 0xffff_ffff_c000_0000L;

    private static final long TABLES = Harness.RAM + 0x10_0000;
    private static final long USER_TREE = 0x1_0000;
    private static final long SV48_ROOT = 0x8000;
    private static final int V = 1;
    private static final int R = 2;
    private static final int W = 4;
    private static final int X = 8;
    private static final int U = 16;
    private static final int AD = 0xc0;
    private static final int ALL = V | R | W | X | AD;

    private final ByteBuffer image;
    private final SplittableRandom random;

    PageTables(ByteBuffer image, long seed) {
        this.image = image;
        random = new SplittableRandom(seed);
    }

    /** The value of satp for the tree of a mode, by way of Sv48 or from its Sv39 root. */
    static long satp(boolean user, boolean sv48) {
        long root = user ? TABLES + USER_TREE : TABLES;
        return sv48 ? 9L << 60 | root + SV48_ROOT >>> 12 : 8L << 60 | root >>> 12;
    }

    /** Where the entry of a page of the zoo lies, in the tree of supervisor code. */
    static long zooEntry(int page) {
        return TABLES + 0x2000 + 8L * page;
    }

    void write() {
        tree(TABLES, 0);
        tree(TABLES + USER_TREE, U);
        for (int page = 0; page < ZOO_PHYSICAL_PAGES; page++) {
            int at = (int) (ZOO_PHYSICAL - Harness.RAM) + 4096 * page;
            for (int i = 0; i < 2048; i += 2) {
                image.putShort(at + i, (short) 0x9002);
            }
            for (int i = 2048; i < 4096; i += 8) {
                image.putLong(at + i, random.nextLong());
            }
            // A nop that goes on in the next page.
            image.putShort(at + 4094, (short) 0x13);
            image.putShort(at, (short) 0);
        }
    }

    private void tree(long root, int user) {
        long middle = root + 0x1000;
        long zoo = root + 0x2000;
        long edges = root + 0x3000;
        put(root, 2, middle, V);
        put(root, 3, Harness.RAM, ALL | user);
        put(root, 4, Harness.RAM + 0x1000, ALL | user);
        put(root, 5, middle, V);
        put(root, 6, middle, V | AD);
        put(root, 7, middle, V | U);
        put(root, 8, Harness.RAM, V | W | AD | user);
        put(root, 511, Harness.RAM, ALL | user);
        for (int i = 0; i < Harness.RAM_SIZE >>> 21; i++) {
            put(middle, i, Harness.RAM + ((long) i << 21), ALL | (i < 8 ? 0 : user));
        }
        put(root + SV48_ROOT, 0, root, V);
        put(root + SV48_ROOT, 1, 0, ALL | user);
        put(root + SV48_ROOT, 2, Harness.RAM, ALL | user);
        put(root + SV48_ROOT, 511, root, V);
        put(middle, 0x80, zoo, V);
        put(middle, 0x81, ZOO_PHYSICAL + 0x1000, ALL | user);
        put(middle, 0x82, Harness.RAM + Harness.RAM_SIZE, V);
        put(middle, 0x83, 0x1000, V);
        put(middle, 0x84, zoo, V | AD | U);
        put(middle, 0x85, zoo, 0);
        put(middle, 0x86, ZOO_PHYSICAL, V | R | W | AD | user);
        put(middle, 0x87, ZOO_PHYSICAL, V | W | AD | user);
        put(middle, 0x88, edges, V);
        for (int i = 0; i < ZOO_PAGES; i++) {
            put(edges, i, EDGES_PHYSICAL + ((long) random.nextInt(ZOO_PHYSICAL_PAGES) << 12), flags());
            long target = target();
            int flags = flags();
            // QEMU lets an AMO read before it looks whether it may write: no access fault behind a read-only page.
            boolean ours = target >>> 18 == ZOO_PHYSICAL >>> 18;
            put(zoo, i, target, ours ? flags : flags | R | W | AD);
            if (random.nextInt(16) == 0) {
                reserved(zoo, i);
            }
        }
    }

    private long target() {
        return switch (random.nextInt(16)) {
            case 0 -> Harness.RAM + Harness.RAM_SIZE + ((long) random.nextInt(64) << 12);
            case 1 -> (long) random.nextInt(1 << 19) << 12;
            case 2 -> random.nextLong() >>> 8 & -4096;
            default -> ZOO_PHYSICAL + ((long) random.nextInt(ZOO_PHYSICAL_PAGES) << 12);
        };
    }

    private int flags() {
        int flags = random.nextInt(1024) & 0x33e | AD | V;
        // A read-only page stays accessed: QEMU says so before it finds that an AMO may not write.
        if ((flags & W) != 0 && random.nextInt(4) == 0) {
            flags &= random.nextBoolean() ? ~AD : ~0x80;
        }
        return random.nextInt(16) == 0 ? flags & ~V : flags;
    }

    private void reserved(long table, int index) {
        int at = (int) (table - Harness.RAM) + 8 * index;
        image.putLong(at, image.getLong(at) | 1L << 54 + random.nextInt(10));
    }

    private void put(long table, int index, long target, int flags) {
        image.putLong((int) (table - Harness.RAM) + 8 * index, target >>> 12 << 10 | flags);
    }
}
