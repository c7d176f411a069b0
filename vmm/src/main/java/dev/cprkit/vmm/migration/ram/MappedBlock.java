package dev.cprkit.vmm.migration.ram;

/**
 * Where one block lies in a mapped-ram file (reference/qemu-cpr.md, section 3.9).
 *
 * @param piece the block
 * @param bitmapAt offset of the bits that tell which pages are in the file
 * @param pagesAt offset of page 0
 */
record MappedBlock(RamPlan.Piece piece, long bitmapAt, long pagesAt) {
    /** The places of a block whose header is at that offset. */
    static MappedBlock after(long headerAt, RamPlan.Piece piece) {
        long bitmapAt = headerAt + RamFormat.MAPPED_HEADER;
        long end = bitmapAt + bitmapBytes(piece);
        return new MappedBlock(piece, bitmapAt, (end + RamFormat.MAPPED_ALIGNMENT - 1) & -RamFormat.MAPPED_ALIGNMENT);
    }

    static int bitmapBytes(RamPlan.Piece piece) {
        return (piece.pages() + 63) / 64 * 8;
    }

    long pageAt(int page) {
        return pagesAt + (long) page * RamFormat.PAGE;
    }

    /** Where the stream goes on. */
    long end() {
        return pagesAt + piece.block().size();
    }
}
