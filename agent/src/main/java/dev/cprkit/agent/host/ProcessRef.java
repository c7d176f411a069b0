package dev.cprkit.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that can be found again: ids are given to other processes after one has ended, but not with the same start.
 *
 * @param started when it was started: in clock ticks since the host's boot (proc(5), stat, field 22), with which boot that
 *     was in the bits above, because a service tends to get the same id at the same time after each
 */
public record ProcessRef(long pid, long started) {
    /** More ticks than a host stays up: 5,000 years. */
    private static final int TICKS = 44;

    private static final long BOOT = boot();

    /** A number that is most likely another one after the next boot (random(4), boot_id). */
    private static long boot() {
        try {
            String id = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.ISO_8859_1);
            return (id.hashCode() & (1L << 63 - TICKS) - 1) << TICKS;
        } catch (IOException e) {
            return 0; // a container that hides it
        }
    }

    /** The numbers of these fields in proc_pid_stat(5). */
    private static final int THREADS = 20;

    private static final int START_TIME = 22;

    /**
     * The process of that id, if there is one that has not ended. A zombie has when it is the last of its threads: the first
     * thread becomes one while the others may still hold sockets, memory and locks.
     */
    public static Optional<ProcessRef> of(long pid) {
        try {
            Path file = Path.of("/proc", Long.toString(pid), "stat");
            return of(pid, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** By what proc_pid_stat(5) says of it. */
    static Optional<ProcessRef> of(long pid, String stat) {
        // The name in parentheses may hold anything; after it come fields 3 (the state) and on.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21);
        boolean zombie = fields[0].equals("Z") || fields[0].equals("X");
        boolean ended = zombie && Integer.parseInt(fields[THREADS - 3]) <= 1;
        return ended
                ? Optional.empty()
                : Optional.of(new ProcessRef(pid, BOOT | Long.parseLong(fields[START_TIME - 3])));
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
