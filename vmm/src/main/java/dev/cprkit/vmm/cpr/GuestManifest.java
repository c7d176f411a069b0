package dev.cprkit.vmm.cpr;

import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateManifest;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * What a program must be able to take over to go on with a guest: its memory and its state. The program that has the guest
 * writes it to the standard input of one that is started with {@link #OPTION}, which answers with one line on standard
 * output and touches nothing. One thread, which may call the accessors of what is described.
 */
public final class GuestManifest {
    /** The command line's option that asks a program to look at a manifest instead of running a machine. */
    public static final String OPTION = "-x-cpr-check";

    /** How its answer begins; the reason against it follows, or {@link #ACCEPTED}. */
    public static final String ANSWER = "cpr-check: ";

    /** The answer of a program that can take the guest over. */
    public static final String ACCEPTED = "ok";

    private static final int MAGIC = 0x4350524b; // CPRK
    private static final int FORMAT = 1;

    private final RamManifest memory;
    private final StateManifest state;

    private GuestManifest(RamManifest memory, StateManifest state) {
        this.memory = memory;
        this.state = state;
    }

    /** Describes a guest with this memory and these sections. */
    public static GuestManifest of(List<RamBlock> memory, List<Section<?>> sections) throws CprException {
        return new GuestManifest(RamManifest.of(memory), StateManifest.of(sections));
    }

    /** As it is written. */
    byte[] toByteArray() throws CprException {
        try {
            StateOutput out = StateOutput.toMemory();
            out.u32(MAGIC);
            out.u32(FORMAT);
            memory.write(out);
            byte[] head = out.toByteArray();
            byte[] rest = state.toByteArray();
            byte[] all = Arrays.copyOf(head, head.length + rest.length);
            System.arraycopy(rest, 0, all, head.length, rest.length);
            return all;
        } catch (StateException | IOException e) {
            throw new CprException("the manifest of the guest cannot be made: " + e.getMessage());
        }
    }

    /**
     * Reads one.
     *
     * @throws CprException if it is none
     */
    public static GuestManifest read(byte[] bytes) throws CprException {
        try {
            StateInput in = StateInput.of(bytes);
            if (bytes.length < 8 || in.u32() != MAGIC) {
                throw new CprException(OPTION + " reads a guest's manifest from standard input, and this is none");
            }
            if (in.u32() != FORMAT) {
                throw new CprException("the guest's manifest has a format that this version does not know");
            }
            RamManifest memory = RamManifest.read(in);
            return new GuestManifest(memory, StateManifest.read(in));
        } catch (StateException | IOException e) {
            throw new CprException("the guest's manifest cannot be read: " + e.getMessage());
        }
    }

    /** Why a program with this memory and these sections could not go on with the guest; empty if nothing is known. */
    public String refusal(List<RamBlock> localMemory, List<Section<?>> localSections) throws CprException {
        String refusal = memory.refusal(RamManifest.of(localMemory));
        return refusal.isEmpty() ? state.refusal(localSections) : refusal;
    }
}
