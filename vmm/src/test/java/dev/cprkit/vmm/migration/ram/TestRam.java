package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.RamBlock;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Guest RAM of a test: blocks at guest addresses 0, 4 GiB, 8 GiB …, with a dirty log. */
final class TestRam implements AutoCloseable {
    static final int PAGE = RamFormat.PAGE;
    private static final long APART = 1L << 32;

    private final Arena arena = Arena.ofShared();
    final GuestMemory memory = new GuestMemory();
    final List<RamBlock> blocks = new ArrayList<>();

    /** Private blocks of so many pages, named a, b, c … */
    TestRam(int... pages) {
        for (int count : pages) {
            add(count, false);
        }
    }

    /** Adds a block of so many pages; {@code ofFile} if it is shared with a file that has a path. */
    TestRam add(int pages, boolean ofFile) {
        long size = (long) pages * PAGE;
        String name = String.valueOf((char) ('a' + blocks.size()));
        long host = arena.allocate(size, PAGE).address();
        RamBlock block = new RamBlock(name, host, size, -1, ofFile, ofFile, "test");
        memory.addRam(address(blocks.size()), block);
        blocks.add(block);
        return this;
    }

    private static long address(int index) {
        return index * APART;
    }

    RamPlan plan(RamPlan.Pages pages, boolean withAddresses, boolean mapped) {
        return RamPlan.of(blocks, block -> address(blocks.indexOf(block)), pages, withAddresses, mapped);
    }

    RamPlan plan() {
        return plan(RamPlan.Pages.ALL, false, false);
    }

    DirtyLog log() {
        return memory.dirtyLog();
    }

    /** A device writes one byte of a page. */
    void write(int block, int page, int value) {
        if (!memory.write(block * APART + (long) page * PAGE + page % PAGE, new byte[] {(byte) value}, 0, 1)) {
            throw new IllegalArgumentException("no page " + page);
        }
    }

    /** Fills about every second page with something, whole or nearly empty. */
    TestRam scribble(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (RamBlock block : blocks) {
            for (long page = 0; page < block.size(); page += PAGE) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        for (int i = 0; i < PAGE; i += 8) {
                            HostMemory.putLong(block.hostAddress() + page + i, random.nextLong());
                        }
                    }
                    case 1 -> HostMemory.putByte(block.hostAddress() + page + random.nextInt(PAGE), (byte) 1);
                    default -> {} // stays zero
                }
            }
        }
        return this;
    }

    byte[] bytes(int block) {
        byte[] bytes = new byte[(int) blocks.get(block).size()];
        HostMemory.read(blocks.get(block).hostAddress(), bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public void close() {
        arena.close();
    }
}
