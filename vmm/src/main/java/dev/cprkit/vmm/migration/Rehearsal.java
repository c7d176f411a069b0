package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;

/**
 * Saves and loads the device state again and again before it counts, so that the guest's pause finds the code loaded and
 * compiled: cold, the same work takes many times as long. A rehearsal reads the devices, and changes nothing: what it
 * saves goes to memory, what it loads goes nowhere. Main loop's thread, guest running or not.
 */
final class Rehearsal {
    private final StreamContent content;
    private int rounds;
    private boolean spoiled;

    Rehearsal(StreamContent content) {
        this.content = content;
    }

    /** How many times everything was done. */
    int rounds() {
        return rounds;
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
            if (rounds == 0) {
                spoiled |= StreamWriter.description(content).length == 0;
            }
            for (Section<?> section : content.sections()) {
                loadNowhere(section);
            }
        } catch (StateException | IOException | RuntimeException e) {
            // The guest runs while its state is read, so a device may be seen half changed. That spoils a rehearsal,
            // never a migration; whatever is really wrong is reported when the state is saved in earnest.
            spoiled = true;
        }
    }

    private static <T> void loadNowhere(Section<T> section) throws StateException, IOException {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(section.type(), section.owner(), out);
        StateDecoder.rehearse(
                section.type(), section.owner(), section.type().version(), StateInput.of(out.toByteArray()));
    }
}
