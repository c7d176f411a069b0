package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.IoThread;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;

/**
 * A chardev whose host side is looked after by an {@link IoThread}: its frontend is called on that thread, without the
 * machine lock, and everybody else's calls take that thread's lock. So it hears its host while the main loop is held up.
 */
public final class ThreadedChardev implements Chardev {
    private final BaseChardev chardev;
    private final EventLoop loop;
    private final Lock lock;

    ThreadedChardev(BaseChardev chardev, IoThread thread) {
        this.chardev = chardev;
        this.loop = thread.loop();
        this.lock = thread.lock();
        locked(() -> chardev.moveTo(loop));
    }

    /** Gives the chardev back to a loop whose lock the caller holds. */
    void returnTo(EventLoop home) {
        locked(() -> chardev.moveTo(home));
    }

    /** The loop on which the frontend is called. */
    public EventLoop loop() {
        return loop;
    }

    /** Held while the frontend is called. */
    public Lock lock() {
        return lock;
    }

    @Override
    public String label() {
        return chardev.label();
    }

    @Override
    public String filename() {
        return locked(chardev::filename);
    }

    @Override
    public boolean frontendOpen() {
        return locked(chardev::frontendOpen);
    }

    @Override
    public void attach(Frontend frontend) {
        locked(() -> chardev.attach(frontend));
    }

    @Override
    public void detach() {
        locked(chardev::detach);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        locked(() -> chardev.write(bytes, offset, length));
    }

    @Override
    public int queued() {
        return locked(chardev::queued);
    }

    @Override
    public void acceptInput() {
        locked(chardev::acceptInput);
    }

    @Override
    public int[] takeDescriptors() {
        return locked(chardev::takeDescriptors);
    }

    @Override
    public void disconnect() {
        locked(chardev::disconnect);
    }

    @Override
    public void flush(long deadline) {
        locked(() -> chardev.flush(deadline));
    }

    @Override
    public void lendTerminal(boolean lend) {
        locked(() -> chardev.lendTerminal(lend));
    }

    @Override
    public void close() {
        locked(chardev::close);
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }
}
