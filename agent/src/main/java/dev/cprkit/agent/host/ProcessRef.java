package dev.cprkit.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that can be found again: ids are given to other processes after one has ended, but not with the same start.
 *
 * @param started when it was started, in clock ticks since the host's boot (proc(5), stat, field 22)
 */
public record ProcessRef(long pid, long started) {
    /** The process of that id, if there is one that has not ended; a zombie has. */
    public static Optional<ProcessRef> of(long pid) {
        try {
            Path file = Path.of("/proc", Long.toString(pid), "stat");
            String stat = Files.readString(file, StandardCharsets.ISO_8859_1);
            // The name in parentheses may hold anything; after it come fields 3 (the state) and on.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21);
            boolean ended = fields[0].equals("Z") || fields[0].equals("X");
            return ended ? Optional.empty() : Optional.of(new ProcessRef(pid, Long.parseLong(fields[19])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** This process. */
    public static ProcessRef self() {
        return of(ProcessHandle.current().pid()).orElseThrow(() -> new IllegalStateException("/proc is not mounted"));
    }

    /** Whether it is still there. An exec keeps it the same process. */
    public boolean isAlive() {
        return of(pid).equals(Optional.of(this));
    }
}
