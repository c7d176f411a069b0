package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.os.MemoryFiles;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import dev.cprkit.vmm.state.VmState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which memory a guest would find in the next program of its process: each block's name and size, and whether it is a file
 * that is opened again or a descriptor that is handed on. Made and read by one thread.
 */
final class RamManifest {
    private static final VmState<RamManifest> STATE = VmState.<RamManifest>of("memory", 1)
            .list("blocks", Block.STATE, Block::new, m -> m.blocks, (m, v) -> m.blocks = v)
            .build();

    private List<Block> blocks = new ArrayList<>();

    private RamManifest() {}

    private static final class Block {
        private static final VmState<Block> STATE = VmState.<Block>of("memory/block", 1)
                .bytes("name", b -> b.name, (b, v) -> b.name = v)
                .u64("size", b -> b.size, (b, v) -> b.size = v)
                .u8("shared", b -> b.shared ? 1 : 0, (b, v) -> b.shared = v != 0)
                .u8("named", b -> b.named ? 1 : 0, (b, v) -> b.named = v != 0)
                .u64("device", b -> b.device, (b, v) -> b.device = v)
                .u64("inode", b -> b.inode, (b, v) -> b.inode = v)
                .build();

        private byte[] name = {};
        private long size;
        private boolean shared;
        private boolean named;
        /** What file it is, if it is one with a name. */
        private long device;

        private long inode;

        private String nameText() {
            return new String(name, StandardCharsets.UTF_8);
        }

        /** Why the guest would not find what is in this block in {@code there}; empty if it would. */
        private String refusal(Optional<Block> there) {
            String name = "guest memory '" + StateException.printable(nameText()) + "' ";
            if (there.isEmpty()) {
                return name + "does not exist there";
            }
            Block other = there.get();
            if (other.size != size) {
                return name + "has 0x" + Long.toHexString(size) + " bytes, and 0x" + Long.toHexString(other.size)
                        + " there";
            }
            if (!other.shared) {
                return name + "is private there, so what is in it now would be lost";
            }
            if (other.named != named || other.device != device || other.inode != inode) {
                return name + "is in another file there";
            }
            return "";
        }

        /** Whether it travels as a descriptor. */
        private boolean travels() {
            return shared && !named;
        }
    }

    /**
     * Describes this memory.
     *
     * @throws CprException if a file among it cannot be asked which one it is
     */
    static RamManifest of(List<RamBlock> memory) throws CprException {
        RamManifest manifest = new RamManifest();
        for (RamBlock block : memory) {
            Block described = new Block();
            described.name = block.idstr().getBytes(StandardCharsets.UTF_8);
            described.size = block.size();
            described.shared = block.survivesCpr();
            described.named = described.shared && block.namedFile();
            if (described.named) {
                try {
                    MemoryFiles.Identity file = MemoryFiles.identity(block.fd());
                    described.device = file.device();
                    described.inode = file.inode();
                } catch (ErrnoException e) {
                    throw new CprException("cannot look at the file of '" + block.idstr() + "': " + e.text());
                }
            }
            manifest.blocks.add(described);
        }
        return manifest;
    }

    /** Writes it. */
    void write(StateOutput out) throws StateException, IOException {
        StateEncoder.save(STATE, this, out);
    }

    /**
     * Reads one that another process wrote.
     *
     * @throws StateException if it is none
     */
    static RamManifest read(StateInput in) throws StateException, IOException {
        RamManifest manifest = new RamManifest();
        StateDecoder.load(STATE, manifest, 1, in);
        return manifest;
    }

    /** Why a guest with this memory would not find it in {@code local}; empty if it would. */
    String refusal(RamManifest local) {
        for (Block block : blocks) {
            if (block.shared) {
                String refusal = block.refusal(local.find(block.nameText()));
                if (!refusal.isEmpty()) {
                    return refusal;
                }
            }
        }
        for (Block block : local.blocks) {
            if (block.travels() && find(block.nameText()).isEmpty()) {
                return "no descriptor for guest memory '" + block.nameText()
                        + "' would come in: the old program does not" + " have it";
            }
        }
        return "";
    }

    private Optional<Block> find(String name) {
        return blocks.stream().filter(block -> block.nameText().equals(name)).findFirst();
    }
}
