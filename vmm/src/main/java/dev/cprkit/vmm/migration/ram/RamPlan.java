package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.memory.RamBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Which blocks of guest RAM a stream names, and of which it has the pages. The same on the side that writes and on the
 * one that reads.
 *
 * @param pieces all migratable blocks in the order of the stream: largest first
 * @param withAddresses capability x-ignore-shared: each block's guest address is sent too
 * @param mapped capability mapped-ram: pages, if there are any, have places of their own in a file
 */
public record RamPlan(List<Piece> pieces, boolean withAddresses, boolean mapped) {
    /** Which pages travel. */
    public enum Pages {
        /** None: the next process maps the same memory (modes cpr-transfer and cpr-exec). */
        NONE,
        /** Those of blocks that are not shared with a file that has a path (capability x-ignore-shared). */
        UNSHARED,
        /** All. */
        ALL
    }

    /**
     * A block and what becomes of it.
     *
     * @param guestAddress where it lies in the guest's physical address space
     * @param copied whether its pages travel; else the reader has them already
     */
    public record Piece(RamBlock block, long guestAddress, boolean copied) {
        /** How many pages it has. */
        int pages() {
            return Math.toIntExact(block.size() / RamFormat.PAGE);
        }
    }

    /**
     * Makes the plan of a machine's blocks.
     *
     * @param blocks in order of creation
     * @param address where in the guest's physical address space a block lies
     */
    public static RamPlan of(
            List<RamBlock> blocks,
            ToLongFunction<RamBlock> address,
            Pages pages,
            boolean withAddresses,
            boolean mapped) {
        List<RamBlock> sorted = new ArrayList<>(blocks);
        sorted.sort(Comparator.comparingLong(RamBlock::size).reversed());
        List<Piece> pieces = new ArrayList<>(sorted.size());
        for (RamBlock block : sorted) {
            boolean copied =
                    switch (pages) {
                        case NONE -> false;
                        case UNSHARED -> !(block.shared() && block.namedFile());
                        case ALL -> true;
                    };
            pieces.add(new Piece(block, address.applyAsLong(block), copied));
        }
        return new RamPlan(List.copyOf(pieces), withAddresses, mapped && pages != Pages.NONE);
    }

    /** Bytes of all blocks, copied or not. */
    long listedBytes() {
        long total = 0;
        for (Piece piece : pieces) {
            total += piece.block().size();
        }
        return total;
    }

    /** Bytes of the blocks that are copied. */
    public long copiedBytes() {
        long total = 0;
        for (Piece piece : pieces) {
            total += piece.copied() ? piece.block().size() : 0;
        }
        return total;
    }

    /** The blocks that are copied. */
    List<RamBlock> copiedBlocks() {
        List<RamBlock> blocks = new ArrayList<>();
        for (Piece piece : pieces) {
            if (piece.copied()) {
                blocks.add(piece.block());
            }
        }
        return blocks;
    }

    /** The piece of that name. */
    Optional<Piece> find(String idstr) {
        for (Piece piece : pieces) {
            if (piece.block().idstr().equals(idstr)) {
                return Optional.of(piece);
            }
        }
        return Optional.empty();
    }
}
