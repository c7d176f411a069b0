package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes the pages of a mapped-ram file, each to its place (reference/qemu-cpr.md, section 3.9). Pages that follow each
 * other are collected, so that one call of the host writes many. Owned by {@link RamSaver}.
 */
final class MappedSaver {
    /** Pages of one write: 1 MiB. */
    private static final int MOST = 256;

    private static final ValueLayout.OfLong LITTLE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A block's place, and the pages that are in the file. */
    private record Placed(MappedBlock block, long[] written) {}

    private final Optional<PageFile> behind;
    private final List<Placed> placed = new ArrayList<>();
    private Placed current;
    private int first;
    private int count;

    MappedSaver(Optional<PageFile> file) {
        behind = file;
    }

    private PageFile file() {
        return behind.orElseThrow(() -> new IllegalStateException("pages with places of their own go to a file"));
    }

    /** Writes the header of a block and leaves room for the rest of it. */
    void writeHeader(RamPlan.Piece piece, StateOutput out) throws IOException {
        if (!piece.copied()) {
            writeHeader(0, 0, out);
            return;
        }
        out.flush();
        MappedBlock block = MappedBlock.after(file().position(), piece);
        writeHeader(block.bitmapAt(), block.pagesAt(), out);
        out.flush();
        file().seek(block.end());
        placed.add(new Placed(block, new long[MappedBlock.bitmapBytes(piece) / 8]));
    }

    private static void writeHeader(long bitmapAt, long pagesAt, StateOutput out) throws IOException {
        out.u32(RamFormat.MAPPED_VERSION);
        out.u64(RamFormat.PAGE);
        out.u64(bitmapAt);
        out.u64(pagesAt);
    }

    /** A page is zero: nothing is in the file for it, whatever was written there before. */
    void zero(RamPlan.Piece piece, int page) throws IOException {
        flush();
        select(piece).written[page >>> 6] &= ~(1L << page);
    }

    /** Writes a page, soon. */
    void write(RamPlan.Piece piece, int page) throws IOException {
        if (count > 0 && (current.block.piece() != piece || page != first + count || count == MOST)) {
            flush();
        }
        if (count == 0) {
            current = select(piece);
            first = page;
        }
        current.written[page >>> 6] |= 1L << page;
        count++;
    }

    /** Writes what was put off. */
    void flush() throws IOException {
        if (count > 0) {
            long host = current.block.piece().block().hostAddress() + (long) first * RamFormat.PAGE;
            file().write(current.block.pageAt(first), host, (long) count * RamFormat.PAGE);
            count = 0;
        }
    }

    /** Writes which pages are there; returns the bytes that took. */
    long writeBitmaps() throws IOException {
        flush();
        long bytes = 0;
        try (Arena arena = Arena.ofConfined()) {
            for (Placed each : placed) {
                int length = each.written.length * 8;
                MemorySegment bits = arena.allocate(length, 8);
                MemorySegment.copy(each.written, 0, bits, LITTLE, 0, each.written.length);
                file().write(each.block.bitmapAt(), bits.address(), length);
                bytes += length;
            }
        }
        return bytes;
    }

    private Placed select(RamPlan.Piece piece) {
        for (Placed each : placed) {
            if (each.block.piece() == piece) {
                return each;
            }
        }
        throw new IllegalStateException("no place for block " + piece.block().idstr());
    }
}
