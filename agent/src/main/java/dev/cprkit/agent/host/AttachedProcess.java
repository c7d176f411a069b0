package dev.cprkit.agent.host;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that another one started. {@link ProcessHandle} remembers its start time, so a reused id is not mistaken.
 *
 * <p>A zombie has ended: its sockets, its memory and its locks are gone, whenever its parent gets round to reaping it. But
 * not before its last thread has gone: the first one is a zombie while the others still hold all of that.
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

    private boolean isZombie() {
        return ProcessRef.of(pid()).isEmpty();
    }
}
