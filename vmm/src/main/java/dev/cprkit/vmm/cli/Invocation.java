package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.MachineConfig;
import java.util.List;

/** What a command line asks for. */
public sealed interface Invocation {
    /**
     * Build this machine and run it.
     *
     * @param warnings one line each, for standard error
     */
    record Run(MachineConfig config, List<String> warnings) implements Invocation {
        public Run {
            warnings = List.copyOf(warnings);
        }
    }

    /** Say whether this machine could go on with the guest whose manifest is on standard input; run nothing. */
    record Check(MachineConfig config) implements Invocation {}

    /** Write this text, which ends with a newline, to standard output and end with status 0. */
    record Print(String text) implements Invocation {}
}
