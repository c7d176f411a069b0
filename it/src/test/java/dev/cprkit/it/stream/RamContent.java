package dev.cprkit.it.stream;

import java.util.ArrayList;
import java.util.List;

/** What a stream's RAM sections say: the blocks, and the pages that came. One thread. */
public final class RamContent {
    /**
     * A block of the list.
     *
     * @param address in the guest, -1 if the stream does not say
     * @param nameAt where its counted name begins
     * @param sizeAt where its size is
     */
    public record Block(String name, long size, long address, int nameAt, int sizeAt) {}

    /**
     * A page that came.
     *
     * @param data where its bytes are, -1 for a page of zeros
     */
    public record Page(String block, long offset, int data) {}

    private final List<Block> blocks = new ArrayList<>();
    private final List<Page> pages = new ArrayList<>();
    private long total;
    private int totalAt;

    void list(long bytes, int at) {
        total = bytes;
        totalAt = at;
    }

    void add(Block block) {
        blocks.add(block);
    }

    void add(Page page) {
        pages.add(page);
    }

    /** The sum that the list announces, in bytes. */
    public long total() {
        return total;
    }

    /** Where that sum is, with its flag. */
    public int totalAt() {
        return totalAt;
    }

    public List<Block> blocks() {
        return List.copyOf(blocks);
    }

    public List<Page> pages() {
        return List.copyOf(pages);
    }

    /** The block of that name, which must be there. */
    public Block block(String name) {
        for (Block block : blocks) {
            if (block.name().equals(name)) {
                return block;
            }
        }
        throw new AssertionError("no block '" + name + "' among " + blocks);
    }
}
