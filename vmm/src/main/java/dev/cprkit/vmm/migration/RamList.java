package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.List;

/**
 * The {@code ram} section of a mode that leaves guest RAM where it is: the list of blocks and no page (reference/
 * qemu-cpr.md, section 3.8). Guest memory is neither read nor written here. Stateless.
 */
final class RamList {
    static final String IDSTR = "ram";
    static final int VERSION = 4;

    private static final long FLAG_MASK = StreamFormat.PAGE_SIZE - 1;
    private static final long FLAG_ZERO = 0x02;
    private static final long FLAG_MEM_SIZE = 0x04;
    private static final long FLAG_PAGE = 0x08;
    private static final long FLAG_EOS = 0x10;
    private static final long FLAG_COMPRESS_PAGE = 0x100;

    private RamList() {}

    /** The payload of the START section. */
    static void writeStart(StreamContent content, StateOutput out) throws IOException {
        long total = 0;
        for (RamBlock block : content.blocks()) {
            total += block.size();
        }
        out.u64(total | FLAG_MEM_SIZE);
        for (RamBlock block : content.blocks()) {
            out.counted(block.idstr());
            out.u64(block.size());
            if (content.withAddresses()) {
                out.u64(content.machine().guestAddress(block));
            }
        }
        out.u64(FLAG_EOS);
    }

    /** The payload of the END section. */
    static void writeEnd(StateOutput out) throws IOException {
        out.u64(FLAG_EOS);
    }

    /** Reads a payload of any of its sections and compares the list with this machine's blocks. */
    static void check(StreamContent content, StateInput in) throws StateException, IOException {
        for (; ; ) {
            long word = in.u64();
            long flags = word & FLAG_MASK;
            if (flags == FLAG_EOS) {
                return;
            }
            if ((flags & FLAG_COMPRESS_PAGE) != 0) {
                throw new StateException("Compressed page received, but no version of this program can read those");
            }
            if (flags == FLAG_MEM_SIZE) {
                checkList(word & ~FLAG_MASK, content, in);
            } else if ((flags & (FLAG_ZERO | FLAG_PAGE)) != 0) {
                throw new StateException(
                        "the stream carries pages of guest memory, which a transfer leaves where they are");
            } else {
                throw new StateException("Unknown combination of migration flags: 0x" + Long.toHexString(flags));
            }
        }
    }

    private static void checkList(long total, StreamContent content, StateInput in) throws StateException, IOException {
        long left = total;
        while (left > 0) {
            String name = in.counted();
            long size = in.u64();
            RamBlock block = find(content.blocks(), name);
            if (size != block.size()) {
                throw new StateException("Size mismatch: " + name + ": 0x" + Long.toHexString(size) + " != 0x"
                        + Long.toHexString(block.size()) + ": Invalid argument");
            }
            if (content.withAddresses()) {
                long address = in.u64();
                long local = content.machine().guestAddress(block);
                if (block.shared() && block.namedFile() && address != local) {
                    throw new StateException("Mismatched GPAs for block " + name + " " + Long.toUnsignedString(address)
                            + "!= " + Long.toUnsignedString(local));
                }
            }
            left -= size;
        }
        if (left < 0) {
            throw new StateException("the list of RAM blocks does not add up to its total of " + total + " bytes");
        }
    }

    private static RamBlock find(List<RamBlock> blocks, String name) throws StateException {
        for (RamBlock block : blocks) {
            if (block.idstr().equals(name)) {
                return block;
            }
        }
        throw new StateException("Unknown ramblock \"" + name + "\", cannot accept migration");
    }
}
