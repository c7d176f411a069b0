package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.memory.CprDescriptors;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateManifest;
import dev.cprkit.vmm.state.StateOutput;
import dev.cprkit.vmm.state.VmState;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The descriptors that pass from one process to the next, by name and number, and the stream that carries them
 * (reference/qemu-cpr.md, section 3.1). Guest RAM goes under its block's name with number 0.
 *
 * <p>One that was received owns the descriptors that nobody has found or taken; {@link #closeRest} closes them. One that
 * is to be sent owns none. Owned by one thread.
 */
public final class CprState implements CprDescriptors {
    private static final int MAGIC = 0x51435052;
    private static final int VERSION = 1;

    private static final VmState<CprState> STATE = VmState.<CprState>of("CprState", 1)
            .list("fds", CprDescriptor.STATE, CprDescriptor::new, s -> s.descriptors, CprState::adopt)
            .subsection(VmState.<CprState>of("CprState/vfio devices", 1)
                    .postLoad((s, version) -> s.vfioList = true)
                    .build())
            .build();

    private List<CprDescriptor> descriptors = new ArrayList<>();
    private final List<CprDescriptor> found = new ArrayList<>();
    /** The list of VFIO devices may follow: QEMU writes it, empty or not, if it was built with VFIO, else nothing. */
    private boolean vfioList;

    /** A state without descriptors, to add some and send it. */
    public CprState() {}

    /** A state to be sent, with the memory that the next process maps. A file with a path is not in it. */
    public static CprState ofBlocks(List<RamBlock> blocks) {
        CprState state = new CprState();
        for (RamBlock block : blocks) {
            if (block.survivesCpr() && !block.namedFile()) {
                state.add(block.idstr(), 0, block.fd());
            }
        }
        return state;
    }

    /** Adds a descriptor to be sent; it stays the caller's. */
    public void add(String name, int id, int fd) {
        descriptors.add(new CprDescriptor(name, id, fd));
    }

    /** Writes the whole stream; the output's sink decides the form of the descriptors. */
    void write(StateOutput out) throws StateException, IOException {
        out.u32(MAGIC);
        out.u32(VERSION);
        StateEncoder.save(STATE, this, out);
        out.u8(0); // no VFIO device
        out.flush();
    }

    /** Reads a whole stream, to its end. */
    static CprState read(StateInput in) throws StateException, IOException {
        int magic = in.peek(3) < 0 ? 0 : in.u32();
        if (magic != MAGIC) {
            throw new StateException("Not a migration stream (bad magic " + Integer.toHexString(magic) + ")");
        }
        CprState state = new CprState();
        try {
            int version = in.u32();
            if (version != VERSION) {
                throw new StateException("Unsupported migration stream version " + version);
            }
            StateDecoder.load(STATE, state, 1, in);
            if (state.vfioList && !in.atEnd() && in.u8() != 0) {
                throw new StateException("the old process hands over VFIO devices, which this program does not have");
            }
            if (!in.atEnd()) {
                throw new StateException("there is more behind the CPR state than its list of descriptors");
            }
            return state;
        } catch (EOFException e) {
            throw new StateException("Failed to load CprState state: the stream ends early", e);
        }
    }

    @Override
    public OptionalInt find(String name, int id) {
        for (CprDescriptor descriptor : descriptors) {
            if (descriptor.id() == id && descriptor.name().equals(name)) {
                found.add(descriptor);
                return OptionalInt.of(descriptor.fd());
            }
        }
        return OptionalInt.empty();
    }

    /** Hands out a received descriptor: it is the caller's now, and close-on-exec. Empty if none has that name. */
    public OptionalInt take(String name, int id) {
        for (Iterator<CprDescriptor> i = descriptors.iterator(); i.hasNext(); ) {
            CprDescriptor descriptor = i.next();
            if (descriptor.id() == id && descriptor.name().equals(name)) {
                i.remove();
                return OptionalInt.of(descriptor.fd());
            }
        }
        return OptionalInt.empty();
    }

    /** Takes the manifest of the old process's state, if it sent one. */
    public Optional<StateManifest> takeManifest() throws CprException {
        OptionalInt fd = take(ManifestFile.NAME, 0);
        return fd.isPresent() ? Optional.of(ManifestFile.read(fd.getAsInt())) : Optional.empty();
    }

    @Override
    public void forget(String name, int id) {
        var ignored = take(name, id);
    }

    /** The names of the descriptors that are there, in order. */
    public List<String> names() {
        return descriptors.stream().map(CprDescriptor::name).toList();
    }

    /** Closes the received descriptors that nobody found or took: names that this machine does not have. */
    public void closeRest() {
        for (CprDescriptor descriptor : descriptors) {
            if (!found.contains(descriptor)) {
                Fds.close(descriptor.fd());
            }
        }
        descriptors.retainAll(found);
    }

    /** Keeps the first of a name, as QEMU does, and closes later ones, which QEMU leaks. */
    private void adopt(List<CprDescriptor> received) {
        descriptors = new ArrayList<>();
        for (CprDescriptor candidate : received) {
            boolean known = descriptors.stream()
                    .anyMatch(d -> d.id() == candidate.id() && d.name().equals(candidate.name()));
            if (known) {
                Fds.close(candidate.fd());
            } else {
                descriptors.add(candidate);
            }
        }
    }
}
