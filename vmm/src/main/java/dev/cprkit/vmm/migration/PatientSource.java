package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;

/**
 * A stream that may fall silent for long at first, while the old process's guest runs, and then no more. One thread at a
 * time.
 */
final class PatientSource implements StateInput.Source {
    /** As good as: in ns, a year. */
    static final long FOR_EVER = 365L * 24 * 3600 * 1_000_000_000L;

    private final StateInput.Source hasty;
    private StateInput.Source now;

    /** Reads one and the same channel through {@code patient} first, and then through {@code hasty}. */
    PatientSource(StateInput.Source patient, StateInput.Source hasty) {
        this.now = patient;
        this.hasty = hasty;
    }

    /** From now on every wait has a limit. */
    void loseThePatience() {
        now = hasty;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return now.read(into, offset, length);
    }

    @Override
    public int readDescriptor(StateInput in) throws IOException, StateException {
        return now.readDescriptor(in);
    }
}
