package dev.cprkit.agent.check;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What the new program says about itself.
 *
 * @param path of its file
 * @param trouble why it cannot be asked; empty if it could
 * @param release empty if it does not tell one
 * @param machines types of machines, aliases too; empty if it does not say
 * @param devices types of devices; empty if it does not say
 */
public record ProgramFacts(
        Path path, Optional<Trouble> trouble, Optional<Release> release, Set<String> machines, Set<String> devices) {
    public ProgramFacts {
        machines = Set.copyOf(machines);
        devices = Set.copyOf(devices);
    }

    /** Why a program cannot be asked. */
    public record Trouble(Finding.Code code, String problem) {}

    /**
     * What it is.
     *
     * @param kind {@code QEMU}, or another emulator that says it speaks like one
     * @param text the whole version
     */
    public record Release(String kind, int major, int minor, String text) {
        /** Whether this is the release {@code major.minor} or a later one. */
        public boolean isAtLeast(int major, int minor) {
            return this.major > major || (this.major == major && this.minor >= minor);
        }
    }
}
