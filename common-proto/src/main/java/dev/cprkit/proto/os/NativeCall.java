package dev.cprkit.proto.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Links C library functions and keeps errno.
 *
 * <p>A handle made by {@link #linkErrno} takes {@link #errnoSegment()} as its first argument; after the call
 * {@link #errno()} on the same thread is that call's errno. The JVM may itself change errno between two calls, so it
 * is captured by the linker and never read back from the C library.
 *
 * <p>Threads: any; the captured errno belongs to the calling thread.
 */
public final class NativeCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private NativeCall() {}

    /** Links a function whose errno nobody asks for. */
    public static MethodHandle link(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    /** Links a function whose first Java argument is {@link #errnoSegment()}. */
    public static MethodHandle linkErrno(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, CAPTURE);
    }

    /** As {@link #linkErrno}, for a variadic function whose variadic arguments begin at {@code firstVariadic}. */
    public static MethodHandle linkVariadicErrno(String name, FunctionDescriptor type, int firstVariadic) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), type, CAPTURE, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** Where the calling thread's next call leaves its errno. */
    public static MemorySegment errnoSegment() {
        return STATE.get();
    }

    /** The errno of the calling thread's last call that was given {@link #errnoSegment()}. */
    public static int errno() {
        return (int) ERRNO.get(STATE.get(), 0L);
    }

    /** A call's result, which is below 0 if it failed. */
    static int check(String call, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, errno());
        }
        return result;
    }

    /**
     * Why a call on a descriptor failed that may be repeated after a signal.
     *
     * @return true if it would have blocked; false if a signal interrupted it, so that it is to be made again
     */
    static boolean wouldBlock(String call) throws ErrnoException {
        int errno = errno();
        if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
            throw new ErrnoException(call, errno);
        }
        return errno == Errno.EAGAIN;
    }

    /** Wraps what a method handle may declare but a linked C function never throws. */
    public static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException r) {
            return r;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
