package dev.cprkit.vmm.run;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Poll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The loop that owns devices, monitors and migration: it waits for descriptors, timers and posted actions, and runs what
 * is due.
 *
 * <p>One thread calls {@link #run}. It holds the machine lock all the time but while it waits in ppoll(2), so that a
 * handler may touch any device, and a vCPU that holds the lock may touch the loop's watches and timers. Each turn: fire
 * due timers, run posted actions, wait until the next deadline, then call the handlers of ready descriptors. A handler
 * that closes another's watch keeps it from being called in the same turn.
 */
public final class MainLoop implements EventLoop, AutoCloseable {
    private final MachineLock lock;
    private final Poll poll;
    private final VmClock vmClock;
    private final HostClock hostClock;
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    /** How often a watch's handler may throw before it is not called any more. */
    private static final int MOST_MISTAKES = 16;

    /** Guarded by {@link #poll}. */
    private boolean closed;

    private final List<Watched> watches = new ArrayList<>();
    private int[] fds = new int[16];
    private int[] events = new int[16];
    private int[] ready = new int[16];
    private Watched[] polled = new Watched[16];
    private volatile Thread thread;
    private volatile boolean waiting;
    private boolean ended;
    private final Optional<Consumer<String>> mistakes;

    /** A loop that ends with the first exception that one of its actions lets go. */
    public MainLoop(MachineLock lock) throws ErrnoException {
        this(lock, Optional.empty());
    }

    /**
     * A loop that goes on when one of its actions throws what it should not have: the guest, which has done nothing, is
     * not to die of it.
     *
     * @param mistakes is told of each in one sentence
     */
    public MainLoop(MachineLock lock, Consumer<String> mistakes) throws ErrnoException {
        this(lock, Optional.of(mistakes));
    }

    private MainLoop(MachineLock lock, Optional<Consumer<String>> mistakes) throws ErrnoException {
        this.lock = lock;
        this.mistakes = mistakes;
        this.poll = new Poll();
        this.vmClock = new VmClock(this::lookAgain);
        this.hostClock = new HostClock(this::lookAgain);
    }

    /** The machine's virtual clock, whose timers this loop fires. */
    public VmClock vmClock() {
        return vmClock;
    }

    @Override
    public Clock hostClock() {
        return hostClock;
    }

    @Override
    public Watch watch(int fd, int wanted, FdHandler handler) {
        Watched watched = new Watched(fd, wanted, handler);
        watches.add(watched);
        lookAgain();
        return watched;
    }

    @Override
    public void post(Runnable action) {
        posted.add(action);
        if (waiting || Thread.currentThread() != thread) {
            wake();
        }
    }

    /** Another thread may still have something to say when the loop is over; then nobody listens. */
    private void wake() {
        synchronized (poll) {
            if (!closed) {
                poll.wake();
            }
        }
    }

    /** Makes {@link #run} return after this turn. Call with the machine lock held. */
    public void end() {
        ended = true;
        lookAgain();
    }

    /** Turns until {@link #end}. Takes the machine lock, and gives it back when it returns. */
    public void run() throws ErrnoException {
        lock.lock();
        try {
            thread = Thread.currentThread();
            while (!ended) {
                turn(Long.MAX_VALUE);
            }
        } finally {
            thread = null;
            lock.unlock();
        }
    }

    /** One turn, waiting at most {@code limit} ns. The caller holds the machine lock once. */
    void turn(long limit) throws ErrnoException {
        runDue();
        if (ended) {
            return;
        }
        long wait = Math.min(limit, Math.min(vmClock.untilNext(), hostClock.untilNext()));
        int count = collect();
        waiting = true;
        lock.unlock();
        try {
            poll.await(fds, events, ready, count, posted.isEmpty() ? (wait == Long.MAX_VALUE ? -1 : wait) : 0);
        } finally {
            waiting = false;
            lock.lock();
        }
        for (int i = 0; i < count; i++) {
            Watched watched = polled[i];
            if (ready[i] != 0 && !watched.closed) {
                int bits = ready[i];
                if (!guarded(() -> watched.handler.ready(bits)) && ++watched.mistakes == MOST_MISTAKES) {
                    watched.close(); // poll(2) would report it for ever
                }
            }
        }
        runDue();
    }

    private void runDue() {
        guard(hostClock::fireDue);
        guard(vmClock::fireDue);
        for (Runnable action = posted.poll(); action != null; action = posted.poll()) {
            guard(action);
        }
    }

    private void guard(Runnable action) {
        boolean ignored = guarded(action);
    }

    /** Runs it; false if it threw, which costs what is left of it and nothing else. */
    private boolean guarded(Runnable action) {
        try {
            action.run();
            return true;
        } catch (RuntimeException | VirtualMachineError e) {
            if (mistakes.isEmpty()) {
                throw e;
            }
            StackTraceElement[] trace = e.getStackTrace();
            mistakes.get()
                    .accept("a mistake inside vmm, which goes on: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
            return false;
        }
    }

    private int collect() {
        int count = watches.size();
        if (count > fds.length) {
            int size = Math.max(count, 2 * fds.length);
            fds = new int[size];
            events = new int[size];
            ready = new int[size];
            polled = new Watched[size];
        }
        Arrays.fill(polled, null);
        for (int i = 0; i < count; i++) {
            Watched watched = watches.get(i);
            polled[i] = watched;
            fds[i] = watched.fd;
            events[i] = watched.wanted;
        }
        return count;
    }

    /** A watch or a deadline changed: if the loop is waiting, it must wait anew. */
    private void lookAgain() {
        if (waiting) {
            wake();
        }
    }

    @Override
    public void close() {
        synchronized (poll) {
            if (!closed) {
                closed = true;
                poll.close();
            }
        }
    }

    private final class Watched implements Watch {
        private final int fd;
        private final FdHandler handler;
        private int wanted;
        private int mistakes;
        private boolean closed;

        Watched(int fd, int wanted, FdHandler handler) {
            this.fd = fd;
            this.wanted = wanted;
            this.handler = handler;
        }

        @Override
        public void events(int next) {
            if (wanted != next) {
                wanted = next;
                lookAgain();
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                watches.remove(this);
                lookAgain();
            }
        }
    }
}
