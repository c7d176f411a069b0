package dev.cprkit.cprctl.output;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The line at the foot of a terminal that says what is being waited for, and since how many seconds; rewritten in place.
 * What ends within a second never shows. Has a thread of its own once there is something to wait for.
 */
final class Progress implements AutoCloseable {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** Of what is waited for, on the narrowest terminal that anybody has, with room for the seconds. */
    private static final int WIDTH = 66;

    private static final String WIPE = "\r\033[K";

    private final PrintWriter err;
    private final boolean shown;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final long began = System.nanoTime();
    private String what = "";
    private boolean visible;
    private boolean closed;
    private boolean started;

    Progress(PrintWriter err, boolean shown) {
        this.err = err;
        this.shown = shown;
    }

    void show(String text) {
        if (!shown) {
            return;
        }
        lock.lock();
        try {
            what = text;
            if (!started) {
                started = true;
                Thread.ofPlatform().daemon().name("progress").start(this::tick);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        lock.lock();
        try {
            while (!closed) {
                long age = System.nanoTime() - began;
                if (age >= SECOND && !what.isEmpty()) {
                    err.print(WIPE + "  " + cut(what) + "  "
                            + Duration.ofNanos(age).toSeconds() + " s");
                    err.flush();
                    visible = true;
                }
                var _ = changed.awaitNanos(SECOND - age % SECOND);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** A line that a terminal breaks in two is only wiped in part. */
    private static String cut(String text) {
        String printable = Printable.of(text);
        return printable.length() <= WIDTH ? printable : printable.substring(0, WIDTH - 3) + "...";
    }

    /** Makes room for a line; the next tick shows it again. */
    void wipe() {
        lock.lock();
        try {
            if (visible) {
                err.print(WIPE);
                err.flush();
                visible = false;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wipe();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
