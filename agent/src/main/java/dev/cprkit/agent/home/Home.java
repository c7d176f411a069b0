package dev.cprkit.agent.home;

import dev.cprkit.agent.host.TrustedPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Optional;

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
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "cprkit");
        }
        // Java knows a user's folder from the host's database of users, if the environment says nothing.
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", ""));
        return home.startsWith("/")
                ? Path.of(home, ".local", "state", "cprkit")
                : runtime(environment, uid).resolve("state");
    }

    /**
     * Why the folders cannot be used, a sentence; empty if nothing is against it. Under {@code /tmp} anybody may have made
     * them before us: whoever owns them answers in the agent's place, and names the VMs.
     */
    public Optional<String> trouble() {
        try {
            PosixFileAttributes found =
                    Files.readAttributes(runtime, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isDirectory() || found.isSymbolicLink()) {
                if (!TrustedPath.owners().contains(found.owner())) {
                    return Optional.of(runtime + " belongs to " + found.owner().getName()
                            + ", so what is in it cannot be trusted; choose another place with " + RUNTIME_VARIABLE);
                }
                if (found.isDirectory() && found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
                    return Optional.of(runtime + " may be written to by all; run chmod 0700 " + runtime);
                }
                return Optional.empty();
            }
            return Optional.of(
                    runtime + " is not a folder; remove it, or choose another place with " + RUNTIME_VARIABLE);
        } catch (IOException e) {
            return Optional.empty(); // it is not there yet, or whoever needs it will say why it cannot be had
        }
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
