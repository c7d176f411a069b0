package dev.cprkit.it.stream;

import java.util.List;

/** The payload of the sections called {@code ram} (reference/qemu-cpr.md, sections 3.8 and 3.9). One stream. */
final class RamDecoder {
    static final String IDSTR = "ram";

    private static final int PAGE = 4096;
    private static final int ZERO = 0x02;
    private static final int MEM_SIZE = 0x04;
    private static final int RAW = 0x08;
    private static final int EOS = 0x10;
    private static final int CONTINUE = 0x20;

    private final StreamBytes in;
    private final RamContent content = new RamContent();
    private final boolean addresses;
    private final boolean mapped;
    private String block = "";

    RamDecoder(StreamBytes in, List<String> capabilities) {
        this.in = in;
        this.addresses = capabilities.contains("x-ignore-shared");
        this.mapped = capabilities.contains("mapped-ram");
    }

    RamContent content() {
        return content;
    }

    /** Takes one section's payload, up to the word that ends it. */
    void section() {
        for (; ; ) {
            long word = in.mark("ram: offset and flags").u64();
            int flags = (int) (word & PAGE - 1);
            long offset = word - flags;
            switch (flags & ~CONTINUE) {
                case EOS -> {
                    return;
                }
                case MEM_SIZE -> list(offset);
                case ZERO -> {
                    page(flags, offset, -1);
                    in.expect(in.u8() == 0, "a zero page's byte is not zero");
                }
                case RAW -> {
                    page(flags, offset, 0);
                    in.mark("ram: a page").take(PAGE);
                }
                default -> in.expect(false, "RAM goes on with flags " + Integer.toHexString(flags));
            }
        }
    }

    private void page(int flags, long offset, int zeros) {
        if ((flags & CONTINUE) == 0) {
            block = in.counted();
        }
        RamContent.Block of = content.block(block);
        in.expect(offset >= 0 && offset < of.size(), "page " + Long.toHexString(offset) + " is not in " + block);
        content.add(new RamContent.Page(block, offset, zeros < 0 ? -1 : in.at()));
    }

    private void list(long total) {
        content.list(total, in.at() - 8);
        for (long left = total; left > 0; ) {
            int nameAt = in.at();
            String name = in.mark("ram: block").counted();
            int sizeAt = in.at();
            long size = in.mark(name + ": size").u64();
            long address = addresses ? in.mark(name + ": address").u64() : -1;
            RamContent.Block listed = new RamContent.Block(name, size, address, nameAt, sizeAt);
            content.add(listed);
            if (mapped) {
                mapped(listed);
            }
            left -= size;
            in.expect(size > 0 && left >= 0, "the blocks are more than their total");
        }
    }

    /** A header, a bitmap of the pages that are there, and the pages each at its own place. */
    private void mapped(RamContent.Block listed) {
        in.expect(in.u32() == 1, "the mapped-ram header is not of version 1");
        in.expect(in.u64() == PAGE, "mapped-ram's pages are not of 4096 bytes");
        long bitmap = in.u64();
        long pages = in.u64();
        if (bitmap == 0 && pages == 0) {
            return; // an ignored block
        }
        in.expect(bitmap == in.at(), "the bitmap does not follow its header");
        in.expect(pages % (1 << 20) == 0, "the pages do not begin at a mebibyte");
        long count = listed.size() / PAGE;
        byte[] bits = in.take((int) ((count + 63) / 64 * 8));
        for (int i = 0; i < count; i++) {
            if ((bits[i / 8] >> i % 8 & 1) != 0) { // longs in the host's order, little-endian here
                content.add(new RamContent.Page(listed.name(), (long) i * PAGE, (int) (pages + (long) i * PAGE)));
            }
        }
        in.seek((int) (pages + listed.size()));
    }
}
