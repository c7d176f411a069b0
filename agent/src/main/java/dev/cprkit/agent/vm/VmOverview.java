package dev.cprkit.agent.vm;

import dev.cprkit.agent.VmStatus;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A VM as {@code cprctl list} and {@code status} show it.
 *
 * @param name that it is managed under; empty if it is not
 * @param qmp the socket that was asked
 * @param presence whether it answers
 * @param problem why it does not, a sentence; empty if it does
 * @param status what it says of itself; empty if it does not answer
 * @param program the installed program against the one that runs
 * @param installedVersion of the file that is now at the program's path; empty if nobody knows
 * @param modes that it could be updated in now, the least disruptive first; empty if nobody looked
 * @param lastUpdate when its last update ended well
 * @param lastPause how long the guest stood still for that
 */
public record VmOverview(
        Optional<VmName> name,
        Path qmp,
        Presence presence,
        String problem,
        Optional<VmStatus> status,
        Freshness program,
        Optional<String> installedVersion,
        Optional<List<MigMode>> modes,
        Optional<Instant> lastUpdate,
        Optional<Duration> lastPause) {

    /** Whether a VM is there. */
    public enum Presence {
        ANSWERS("answers"),
        SILENT("silent"),
        GONE("gone");

        private final String presenceName;

        Presence(String presenceName) {
            this.presenceName = presenceName;
        }

        /** The stable name. */
        public String presenceName() {
            return presenceName;
        }
    }

    /** How the program that runs stands to the file that is installed at its path. */
    public enum Freshness {
        SAME("same", "what runs is what is installed"),
        REPLACED("replaced", "another file is installed at its path by now"),
        NEWER("newer", "a newer version is installed at its path"),
        OLDER("older", "an older version is installed at its path"),
        DELETED("deleted", "no file is at its path any more"),
        UNKNOWN("unknown", "nobody can tell what is installed");

        private final String freshnessName;
        private final String meaning;

        Freshness(String freshnessName, String meaning) {
            this.freshnessName = freshnessName;
            this.meaning = meaning;
        }

        /** The stable name. */
        public String freshnessName() {
            return freshnessName;
        }

        /** For people. */
        public String meaning() {
            return meaning;
        }
    }
}
