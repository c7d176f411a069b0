package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Reads the pages of one block from a mapped-ram file (reference/qemu-cpr.md, section 3.9), with QEMU's checks. Owned by
 * {@link RamLoader}.
 */
final class MappedLoader {
    private static final ValueLayout.OfLong LITTLE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Optional<PageFile> behind;

    MappedLoader(Optional<PageFile> file) {
        behind = file;
    }

    /** Reads the header and the pages that it speaks of, and goes on behind them. */
    void load(RamPlan.Piece piece, StateInput in) throws StateException, IOException {
        int version = in.u32();
        long pageSize = in.u64();
        long bitmapAt = in.u64();
        long pagesAt = in.u64();
        String name = piece.block().idstr();
        if (Integer.compareUnsigned(version, RamFormat.MAPPED_VERSION) > 0) {
            throw new StateException("Migration mapped-ram capability version not supported (expected <= "
                    + RamFormat.MAPPED_VERSION + ", got " + Integer.toUnsignedString(version) + ")");
        }
        if (!piece.copied()) {
            return;
        }
        if (bitmapAt == 0 && pagesAt == 0) {
            throw new StateException("the file has no pages of block " + name + ", which is not ignored here");
        }
        if (pageSize != RamFormat.PAGE) {
            throw new StateException("the pages of block " + name + " have " + Long.toUnsignedString(pageSize)
                    + " bytes in the file; those of this machine have " + RamFormat.PAGE);
        }
        PageFile file = behind.orElseThrow(
                () -> new StateException("capability mapped-ram needs a file, and the stream does not come from one"));
        MappedBlock block = new MappedBlock(piece, bitmapAt, pagesAt);
        if (pagesAt < 0 || pagesAt > Long.MAX_VALUE - piece.block().size() || bitmapAt < 0) {
            throw new StateException("the places of block " + name + " lie outside of any file");
        }
        if ((pagesAt & RamFormat.MAPPED_ALIGNMENT - 1) != 0) {
            throw new StateException("Error reading ramblock " + name + " pages, region has bad alignment");
        }
        loadPages(block, readBitmap(block, file), file);
        byte[] readAhead = in.takeBuffered(); // of what lies between the header and the next one
        assert readAhead != null;
        file.seek(block.end());
    }

    private long[] readBitmap(MappedBlock block, PageFile file) throws IOException {
        int length = MappedBlock.bitmapBytes(block.piece());
        long[] pages = new long[length / 8];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = arena.allocate(length, 8);
            file.read(block.bitmapAt(), bits.address(), length);
            MemorySegment.copy(bits, LITTLE, 0, pages, 0, pages.length);
        }
        return pages;
    }

    private void loadPages(MappedBlock block, long[] pages, PageFile file) throws IOException {
        long host = block.piece().block().hostAddress();
        int end = block.piece().pages();
        int page = 0;
        while (page < end) {
            boolean there = isSet(pages, page);
            int from = page;
            while (page < end && isSet(pages, page) == there) {
                page++;
            }
            if (there) {
                file.read(
                        block.pageAt(from), host + (long) from * RamFormat.PAGE, (long) (page - from) * RamFormat.PAGE);
            } else {
                for (int i = from; i < page; i++) {
                    HostPages.clear(host + (long) i * RamFormat.PAGE);
                }
            }
        }
    }

    private static boolean isSet(long[] pages, int page) {
        return (pages[page >>> 6] >>> page & 1) != 0;
    }
}
