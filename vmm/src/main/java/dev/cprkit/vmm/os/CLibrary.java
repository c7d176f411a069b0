package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.NativeCall;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Functions of the C library, all linked with one and the same type: six integers in, one out.
 *
 * <p>Linking the first function of a type costs the JVM several milliseconds of start-up, because it spins code for
 * that type; the next functions of the type cost next to nothing. On x86-64 and on arm64 the first six integer or
 * pointer arguments travel in registers, variadic or not, a callee looks at no more of a register than its parameter's
 * width, and registers that it has no parameter for are not looked at. So every function that takes up to six of them
 * can be called this way. A function that returns {@code int} leaves the upper half of the result undefined: use
 * {@link #callInt} for those.
 *
 * <p>Threads: any. A pointer argument must stay valid until the call returns.
 */
final class CLibrary {
    private static final FunctionDescriptor TYPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private CLibrary() {}

    /** Links a function; the handle is for {@link #call} and {@link #callInt}. */
    static MethodHandle link(String name) {
        return NativeCall.linkErrno(name, TYPE);
    }

    /** Calls a function that returns a {@code long}, a pointer or a {@code size_t}, with -1 for an error. */
    static long call(MethodHandle function, String name, long a, long b, long c, long d, long e, long f)
            throws ErrnoException {
        long result = invoke(function, a, b, c, d, e, f);
        if (result == -1) {
            throw new ErrnoException(name, NativeCall.errno());
        }
        return result;
    }

    /** Calls a function that returns an {@code int}, with -1 for an error. */
    static int callInt(MethodHandle function, String name, long a, long b, long c, long d) throws ErrnoException {
        int result = (int) invoke(function, a, b, c, d, 0, 0);
        if (result == -1) {
            throw new ErrnoException(name, NativeCall.errno());
        }
        return result;
    }

    private static long invoke(MethodHandle function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) function.invokeExact(NativeCall.errnoSegment(), a, b, c, d, e, f);
        } catch (Throwable t) {
            throw NativeCall.unexpected(t);
        }
    }
}
