package dev.cprkit.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that another one started. {@link ProcessHandle} remembers its start time, so a reused id is not mistaken.
 *
 * <p>A zombie has ended: its sockets, its memory and its locks are gone, whenever its parent gets round to reaping it.
 */
final class AttachedProcess implements HostProcess {
    private static final Duration SLICE = Duration.ofMillis(20);

    private final ProcessHandle handle;

    AttachedProcess(ProcessHandle handle) {
        this.handle = handle;
    }

    @Override
    public long pid() {
        return handle.pid();
    }

    @Override
    public boolean isAlive() {
        return handle.isAlive() && !isZombie();
    }

    @Override
    public void terminate() {
        handle.destroy();
    }

    @Override
    public void kill() {
        handle.destroyForcibly();
    }

    @Override
    public boolean awaitEnd(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (isAlive() && System.nanoTime() - deadline < 0) {
            if (!awaitReaped()) {
                return !isAlive();
            }
        }
        return !isAlive();
    }

    /** Waits until its parent has reaped it, but not for long; false if the wait itself failed. */
    private boolean awaitReaped() {
        try {
            handle.onExit().get(SLICE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return true; // it runs, or is a zombie
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public String ending() {
        return isAlive() ? "" : "it has ended";
    }

    /** The state is the first field after the name in parentheses (proc_pid_stat(5)); the name may hold anything. */
    private boolean isZombie() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid()), "stat"), StandardCharsets.ISO_8859_1);
            int state = stat.lastIndexOf(')') + 2;
            return state < stat.length() && (stat.charAt(state) == 'Z' || stat.charAt(state) == 'X');
        } catch (IOException e) {
            return true;
        }
    }
}
