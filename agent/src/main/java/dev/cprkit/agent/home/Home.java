package dev.cprkit.agent.home;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folders that {@code cprctl} and the agent of one user share. Nothing is made here.
 *
 * @param runtime what is gone after a reboot: sockets, the VMs' folders, the agent's socket
 * @param state what is not: the journal, saved states
 */
public record Home(Path runtime, Path state) {
    /** The variables that say where, for tests and for several agents on a host. */
    public static final String RUNTIME_VARIABLE = "CPRKIT_RUNTIME_DIR";

    public static final String STATE_VARIABLE = "CPRKIT_STATE_DIR";

    /**
     * Those of root: {@code /run/cprkit} and {@code /var/lib/cprkit}; those of a user: {@code $XDG_RUNTIME_DIR/cprkit} and
     * {@code $XDG_STATE_HOME/cprkit}, or what the XDG base directory specification has in their place.
     */
    public static Home of(Map<String, String> environment, int uid) {
        return new Home(runtime(environment, uid), state(environment, uid));
    }

    private static Path runtime(Map<String, String> environment, int uid) {
        String given = environment.getOrDefault(RUNTIME_VARIABLE, "");
        if (!given.isEmpty()) {
            return Path.of(given).toAbsolutePath();
        }
        if (uid == 0) {
            return Path.of("/run/cprkit");
        }
        String xdg = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        return xdg.startsWith("/") ? Path.of(xdg, "cprkit") : Path.of("/tmp/cprkit-" + uid);
    }

    private static Path state(Map<String, String> environment, int uid) {
        String given = environment.getOrDefault(STATE_VARIABLE, "");
        if (!given.isEmpty()) {
            return Path.of(given).toAbsolutePath();
        }
        if (uid == 0) {
            return Path.of("/var/lib/cprkit");
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        return xdg.startsWith("/")
                ? Path.of(xdg, "cprkit")
                : Path.of(environment.getOrDefault("HOME", "/tmp"), ".local", "state", "cprkit");
    }

    /** Where the VMs' folders are. */
    public Path vms() {
        return runtime.resolve("vms");
    }

    /** The agent's socket. */
    public Path agentSocket() {
        return runtime.resolve("agent.sock");
    }

    /** The journal of every operation. */
    public Path journal() {
        return state.resolve("journal.db");
    }

    /** The states of VMs that wait for the host to come back. */
    public Path saved() {
        return state.resolve("saved");
    }
}
