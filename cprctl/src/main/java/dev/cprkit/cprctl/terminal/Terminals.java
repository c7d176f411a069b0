package dev.cprkit.cprctl.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells which of the standard streams are a terminal, by proc_pid_fd(5). */
public final class Terminals {
    private Terminals() {}

    /** Whether the descriptor 0, 1 or 2 is one. */
    public static boolean isTerminal(int descriptor) {
        String path = leadsTo(descriptor);
        return path.startsWith("/dev/pts/") || path.startsWith("/dev/tty") || path.equals("/dev/console");
    }

    /** What a descriptor is, as the kernel names it: a path, {@code pipe:[7]}; empty if nobody can tell. */
    public static String leadsTo(int descriptor) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor)))
                    .toString();
        } catch (IOException e) {
            return "";
        }
    }
}
