package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.SocketSource;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;

/**
 * Saves and loads the device state again and again before it counts, so that the guest's pause finds the code loaded and
 * compiled: cold, the same work takes many times as long.
 *
 * <p>In the old process the guest runs: its devices are read, and what was saved is decoded into nothing. In the new one
 * the machine has just been reset and nothing of the guest is in it yet: it loads the very state that it is in, by the
 * same way that the guest's state will come, and is what it was. Main loop's thread.
 */
final class Rehearsal {
    private final StreamContent content;
    private final boolean load;
    private int rounds;
    private boolean spoiled;

    private Rehearsal(StreamContent content, boolean load) {
        this.content = content;
        this.load = load;
    }

    /** A rehearsal of the save, with the guest running. Changes nothing. */
    static Rehearsal ofSave(StreamContent content) {
        return new Rehearsal(content, false);
    }

    /** A rehearsal of the load in a machine that has just been reset; it needs a content of its own. */
    static Rehearsal ofLoad(StreamContent content) {
        return new Rehearsal(content, true);
    }

    /** How many times everything was done. */
    int rounds() {
        return rounds;
    }

    /** Whether something went wrong, and the rehearsal was given up. */
    boolean spoiled() {
        return spoiled;
    }

    /**
     * Rehearses until enough rounds are done or the time is over; at least once.
     *
     * @param enough rounds in all
     * @param nanos how long this call may take
     * @return whether it is done for good
     */
    boolean run(int enough, long nanos) {
        long end = System.nanoTime() + nanos;
        do {
            if (spoiled || rounds >= enough) {
                return true;
            }
            round();
            rounds++;
        } while (System.nanoTime() < end);
        return spoiled || rounds >= enough;
    }

    private void round() {
        try {
            byte[] stream = StreamWriter.write(content, false);
            if (load) {
                loadFromSocket(stream);
                return;
            }
            for (Section<?> section : content.sections()) {
                loadNowhere(section);
            }
            if (rounds % DESCRIBE_EVERY == 0) {
                describe();
            }
        } catch (StateException | IOException | RuntimeException e) {
            // The guest runs while its state is read, so a device may be seen half changed. That spoils a rehearsal,
            // never a migration; whatever is really wrong is reported when the state is saved or loaded in earnest.
            spoiled = true;
        }
    }

    /** Loads as the guest's state will be loaded, from a socket; what it does not hold comes from memory. */
    private void loadFromSocket(byte[] stream) throws StateException, IOException {
        int[] pair = Sockets.pair();
        try (SocketSource source = new SocketSource(pair[0], "main", STALL_NANOS)) {
            int sent = SocketMessages.trySend(pair[1], stream, 0, stream.length);
            StateInput in = sent == stream.length ? StateInput.from(source) : StateInput.of(stream);
            StreamReader.load(content, in, NOBODY, new PauseTimeline(false));
        } finally {
            Fds.close(pair[0]);
            Fds.close(pair[1]);
        }
    }

    /** The description is not part of the pause, but the old process's end is waited for. */
    private void describe() throws StateException {
        byte[] description = StreamWriter.description(content);
        if (description.length > 0 && description[0] != StreamFormat.DESCRIPTION) {
            throw new StateException("the description does not begin as one");
        }
    }

    private static <T> void loadNowhere(Section<T> section) throws StateException, IOException {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(section.type(), section.owner(), out);
        StateDecoder.rehearse(
                section.type(), section.owner(), section.type().version(), StateInput.of(out.toByteArray()));
    }

    private static final int DESCRIBE_EVERY = 16;
    private static final long STALL_NANOS = 1_000_000_000L;

    /** A rehearsed stream has no return path. */
    private static final StreamReader.ReturnPath NOBODY = new StreamReader.ReturnPath() {
        @Override
        public void open() {}

        @Override
        public void pong(int value) throws IOException {
            throw new IOException("a rehearsed stream does not ask");
        }
    };
}
