package dev.cprkit.proto.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * A set of descriptors that one thread waits on (ppoll(2)), and an eventfd(2) by which other threads wake it.
 *
 * <p>{@link #wake} may be called by any thread; everything else by one thread at a time.
 */
public final class Poll implements AutoCloseable {
    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;

    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final MethodHandle PPOLL =
            NativeCall.linkErrno("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    private static final MethodHandle EVENTFD =
            NativeCall.linkErrno("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment timeout = arena.allocate(16, 8);
    private final byte[] one = {1, 0, 0, 0, 0, 0, 0, 0};
    private final byte[] drained = new byte[8];
    private final int wakeFd;
    private MemorySegment set;
    private int capacity;

    public Poll() throws ErrnoException {
        try {
            wakeFd = (int) EVENTFD.invokeExact(NativeCall.errnoSegment(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
        if (wakeFd < 0) {
            throw new ErrnoException("eventfd", NativeCall.errno());
        }
        grow(16);
    }

    /**
     * Waits until a descriptor is ready, {@link #wake} was called, or the time is over.
     *
     * @param fds the descriptors
     * @param events what to wait for on each, {@link #POLLIN} and {@link #POLLOUT}
     * @param ready receives what is ready on each
     * @param count how many of the arrays' elements count
     * @param nanos the longest wait, or -1 for no limit
     */
    public void await(int[] fds, int[] events, int[] ready, int count, long nanos) throws ErrnoException {
        if (count + 1 > capacity) {
            grow(Math.max(count + 1, 2 * capacity));
        }
        put(0, wakeFd, POLLIN);
        for (int i = 0; i < count; i++) {
            put(i + 1, fds[i], events[i]);
        }
        timeout.set(JAVA_LONG, 0, nanos / 1_000_000_000L);
        timeout.set(JAVA_LONG, 8, nanos % 1_000_000_000L);
        MemorySegment limit = nanos < 0 ? MemorySegment.NULL : timeout;
        int n;
        try {
            n = (int) PPOLL.invokeExact(NativeCall.errnoSegment(), set, count + 1L, limit, MemorySegment.NULL);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
        if (n < 0) {
            Arrays.fill(ready, 0, count, 0);
            if (NativeCall.errno() != Errno.EINTR) {
                throw new ErrnoException("ppoll", NativeCall.errno());
            }
            return;
        }
        if (set.get(JAVA_SHORT, 6) != 0) {
            Fds.read(wakeFd, drained, 0, 8);
        }
        for (int i = 0; i < count; i++) {
            ready[i] = set.get(JAVA_SHORT, 8L * (i + 1) + 6);
        }
    }

    /** Ends the current or the next {@link #await}. */
    public void wake() {
        try {
            int written = Fds.write(wakeFd, one, 0, 8);
            assert written == 8 || written == -1; // -1: the counter is full, so the waiter is woken already
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    private void grow(int entries) {
        capacity = entries;
        set = arena.allocate(8L * entries, 8);
    }

    /** struct pollfd: fd 0, events 4, revents 6. */
    private void put(int index, int fd, int events) {
        set.set(JAVA_INT, 8L * index, fd);
        set.set(JAVA_SHORT, 8L * index + 4, (short) events);
        set.set(JAVA_SHORT, 8L * index + 6, (short) 0);
    }

    @Override
    public void close() {
        Fds.close(wakeFd);
        arena.close();
    }
}
