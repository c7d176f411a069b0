package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads section {@code ram} into this machine's memory, with QEMU's checks and texts (reference/qemu-cpr.md, sections 3.8
 * and 3.9). Memory is written only where the plan says that the block is copied, and only inside of it.
 *
 * <p>One thread; the guest has not run here. If it throws, memory is half loaded and the guest must never run.
 */
public final class RamLoader {
    private final RamPlan plan;
    private final MappedLoader mapped;
    private final byte[] page = new byte[RamFormat.PAGE];
    private Optional<RamPlan.Piece> last = Optional.empty();

    /**
     * A loader for the blocks of a plan.
     *
     * @param file behind the stream, if there is one; needed for a plan of a mapped-ram file
     */
    public RamLoader(RamPlan plan, Optional<PageFile> file) {
        this.plan = plan;
        this.mapped = new MappedLoader(file);
    }

    /** Reads the payload of a START, PART or END section. */
    public void load(StateInput in) throws StateException, IOException {
        for (; ; ) {
            long word = in.u64();
            long offset = word & ~RamFormat.FLAGS;
            int flags = (int) (word & RamFormat.FLAGS);
            switch (flags) {
                case (int) RamFormat.EOS -> {
                    return;
                }
                case (int) RamFormat.MEM_SIZE -> loadList(offset, in);
                case (int) RamFormat.ZERO, (int) (RamFormat.ZERO | RamFormat.CONTINUE) ->
                    loadZero(host(offset, flags, in), in.u8());
                case (int) RamFormat.RAW, (int) (RamFormat.RAW | RamFormat.CONTINUE) -> {
                    long host = host(offset, flags, in);
                    in.bytes(page, 0, RamFormat.PAGE);
                    HostMemory.write(host, page, 0, RamFormat.PAGE);
                }
                default -> throw refusal(flags);
            }
        }
    }

    private static StateException refusal(int flags) {
        if ((flags & RamFormat.COMPRESSED) != 0) {
            return new StateException("Compressed page received, but no version of this program can read those");
        }
        if ((flags & RamFormat.XBZRLE) != 0) {
            return new StateException("XBZRLE page received, which this program cannot read: switch capability 'xbzrle'"
                    + " off in the old process");
        }
        if (flags == RamFormat.MULTIFD_FLUSH) {
            return new StateException("the pages are sent over channels of their own, which this program does not open:"
                    + " switch capability 'multifd' off in the old process");
        }
        return new StateException("Unknown combination of migration flags: 0x" + Integer.toHexString(flags));
    }

    private static void loadZero(long host, int value) throws StateException {
        if (value != 0) {
            throw new StateException("Found a zero page with value " + value);
        }
        HostPages.clear(host);
    }

    /** Where the page goes that a record speaks of. */
    private long host(long offset, int flags, StateInput in) throws StateException, IOException {
        if ((flags & RamFormat.CONTINUE) == 0) {
            String name = in.counted();
            RamPlan.Piece piece = plan.find(name).orElseThrow(() -> new StateException("Can't find block " + name));
            if (!piece.copied()) {
                throw new StateException("block " + name + " should not be migrated !");
            }
            last = Optional.of(piece);
        }
        RamPlan.Piece piece = last.orElseThrow(() -> new StateException("Ack, bad migration stream!"));
        if (offset < 0 || offset > piece.block().size() - RamFormat.PAGE) {
            throw new StateException("Illegal RAM offset " + Long.toHexString(offset));
        }
        return piece.block().hostAddress() + offset;
    }

    private void loadList(long total, StateInput in) throws StateException, IOException {
        long left = total;
        while (left > 0) {
            String name = in.counted();
            long size = in.u64();
            RamPlan.Piece piece = plan.find(name)
                    .orElseThrow(
                            () -> new StateException("Unknown ramblock \"" + name + "\", cannot accept migration"));
            if (size != piece.block().size()) {
                throw new StateException("Size mismatch: " + name + ": 0x" + Long.toHexString(size) + " != 0x"
                        + Long.toHexString(piece.block().size()) + ": Invalid argument");
            }
            if (plan.withAddresses()) {
                checkAddress(piece, in.u64());
            }
            if (plan.mapped()) {
                mapped.load(piece, in);
            }
            left -= size;
        }
        if (left < 0) {
            throw new StateException("the list of RAM blocks does not add up to its total of " + total + " bytes");
        }
    }

    private static void checkAddress(RamPlan.Piece piece, long address) throws StateException {
        if (!piece.copied() && address != piece.guestAddress()) {
            throw new StateException(
                    "Mismatched GPAs for block " + piece.block().idstr() + " " + Long.toUnsignedString(address) + "!= "
                            + Long.toUnsignedString(piece.guestAddress()));
        }
    }
}
