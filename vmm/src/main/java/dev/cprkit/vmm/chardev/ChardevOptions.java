package dev.cprkit.vmm.chardev;

import java.util.Optional;

/**
 * What every chardev may be told.
 *
 * @param mux whether several frontends share it, with Ctrl-A C to switch between them ({@code mux=on})
 * @param log where a copy of the output goes
 */
public record ChardevOptions(boolean mux, Optional<ChardevLog> log) {
    /** Not shared, no log. */
    public static final ChardevOptions NONE = new ChardevOptions(false, Optional.empty());

    /** Shared by several frontends, no log: what {@code mon:stdio} and {@code -nographic} ask for. */
    public static final ChardevOptions MUX = new ChardevOptions(true, Optional.empty());
}
