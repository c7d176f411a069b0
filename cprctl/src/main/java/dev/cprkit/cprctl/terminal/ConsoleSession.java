package dev.cprkit.cprctl.terminal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Somebody's keyboard and display on a serial line. When the line hangs up, because its VM moves to another process, it is
 * looked for again for a while; keys that were typed in between are sent then.
 */
public final class ConsoleSession implements AutoCloseable {
    /** Ctrl-]. */
    private static final int DETACH = 0x1d;

    private static final int BUFFER = 4096;
    private static final int MOST_TYPED = 1 << 20;
    private static final Duration AGAIN = Duration.ofMillis(50);

    /** For what was typed before the key that detaches. */
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private static final Duration ALL = Duration.ofDays(365);

    private final Line line;
    private final InputStream keys;
    private final OutputStream display;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
    private Optional<SocketChannel> channel = Optional.empty();
    private boolean detached;

    /** Where the line is now. */
    public interface Line {
        /** Connects to it; throws if there is nobody. */
        SocketChannel connect() throws IOException;
    }

    /** How a session ended. */
    public enum End {
        /** The user, or the end of what is typed, ended it. */
        DETACHED,
        /** The line is not there any more. */
        GONE
    }

    /** @param patience for how long to look for a line that hung up */
    public ConsoleSession(Line line, InputStream keys, OutputStream display, Duration patience) {
        this.line = line;
        this.keys = keys;
        this.display = display;
        this.patience = patience;
    }

    /**
     * Stays on the line until somebody ends it.
     *
     * @param first the line, connected
     * @param moved called after each time that the line was found again
     * @throws IOException if the display cannot be written to
     */
    public End run(SocketChannel first, Runnable moved) throws IOException {
        attach(first);
        Thread.ofPlatform().daemon().name("keyboard").start(this::readKeys);
        Thread.ofPlatform().daemon().name("typed").start(this::send);
        for (; ; ) {
            show();
            if (isDetached()) {
                return End.DETACHED;
            }
            Optional<SocketChannel> next = find();
            if (next.isEmpty()) {
                return isDetached() ? End.DETACHED : End.GONE;
            }
            attach(next.get());
            moved.run();
        }
    }

    private void attach(SocketChannel next) throws IOException {
        lock.lock();
        try {
            channel = Optional.of(next);
            changed.signalAll();
            if (detached) {
                next.close(); // somebody was quicker
            }
        } finally {
            lock.unlock();
        }
    }

    /** Until the line hangs up, or is hung up. */
    private void show() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        SocketChannel from = channel.orElseThrow();
        try (from) {
            while (read(from, buffer) > 0) {
                display.write(buffer.array(), 0, buffer.position());
                display.flush();
                buffer.clear();
            }
        } finally {
            lock.lock();
            try {
                channel = Optional.empty();
            } finally {
                lock.unlock();
            }
        }
    }

    private static int read(SocketChannel from, ByteBuffer buffer) {
        try {
            return from.read(buffer);
        } catch (IOException e) {
            return -1; // reset by the other side, or closed by ours
        }
    }

    private Optional<SocketChannel> find() {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() - deadline < 0 && !awaitDetached(AGAIN)) {
            try {
                return Optional.of(line.connect());
            } catch (IOException e) {
                // not there yet, perhaps
            }
        }
        return Optional.empty();
    }

    private void readKeys() {
        byte[] buffer = new byte[BUFFER];
        Duration rest = ALL; // of a pipe or a file, every byte is meant for the guest
        try {
            for (int n = keys.read(buffer); n >= 0; n = keys.read(buffer)) {
                int end = indexOfDetach(buffer, n);
                type(buffer, end < 0 ? n : end);
                if (end >= 0) {
                    rest = MOMENT;
                    break;
                }
            }
            awaitSent(rest);
        } catch (IOException e) {
            // no keyboard any more: as if it had ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    private static int indexOfDetach(byte[] buffer, int length) {
        for (int i = 0; i < length; i++) {
            if (buffer[i] == DETACH) {
                return i;
            }
        }
        return -1;
    }

    /** A guest that does not listen must not keep us from reading on: the next key may be the one that detaches. */
    private void type(byte[] bytes, int length) throws InterruptedException {
        lock.lock();
        try {
            while (typed.size() > MOST_TYPED && !detached) {
                changed.await();
            }
            typed.write(bytes, 0, length);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitSent(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            for (long left = limit.toNanos(); left > 0 && !detached && typed.size() > 0; ) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was typed, to wherever the line is; what cannot be sent is kept for the line's next place. */
    private void send() {
        Optional<SocketChannel> hungUp = Optional.empty();
        lock.lock();
        try {
            while (!detached) {
                if (channel.isEmpty() || channel.equals(hungUp) || typed.size() == 0) {
                    changed.await();
                    continue;
                }
                SocketChannel to = channel.get();
                ByteBuffer bytes = ByteBuffer.wrap(typed.toByteArray());
                lock.unlock(); // for as long as the guest does not listen
                boolean whole;
                try {
                    whole = write(to, bytes);
                } finally {
                    lock.lock();
                }
                hungUp = whole ? hungUp : Optional.of(to); // whoever reads will notice
                byte[] all = typed.toByteArray();
                typed.reset();
                typed.write(all, bytes.position(), all.length - bytes.position());
                changed.signalAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private static boolean write(SocketChannel to, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isDetached() {
        return awaitDetached(Duration.ZERO);
    }

    private boolean awaitDetached(Duration limit) {
        lock.lock();
        try {
            for (long left = limit.toNanos(); left > 0 && !detached; ) {
                left = changed.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            }
            return detached;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Detaches; {@link #run} returns soon after. Any thread. */
    @Override
    public void close() {
        lock.lock();
        try {
            detached = true;
            changed.signalAll();
            if (channel.isPresent()) {
                channel.get().close();
            }
        } catch (IOException e) {
            // closed is all it had to be
        } finally {
            lock.unlock();
        }
    }
}
