package dev.cprkit.vmm.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Loads and stores at host addresses, little-endian, aligned or not.
 *
 * <p>How it works: one segment spans the whole address space, so that the only check left is the sign of the address,
 * and every access goes through a {@code static final} VarHandle. C2 compiles that to a plain move, as fast as Unsafe,
 * and C1 nearly (reference/java-platform.md, section 4); {@code segment.get} is three times slower in C1.
 *
 * <p>The price is that nothing is checked: an access outside a mapping kills the JVM. Callers take the address from a
 * {@link RamBlock} and check the offset first. A page that is mapped but gone (a file that shrank) raises
 * {@link InternalError}.
 *
 * <p>Threads: any; plain accesses, ordered as Java orders plain accesses. The ordered and atomic forms need natural
 * alignment.
 */
public final class HostMemory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ALIGNED_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ALIGNED_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private HostMemory() {}

    public static byte getByte(long address) {
        return (byte) BYTE.get(ALL, address);
    }

    public static short getShort(long address) {
        return (short) SHORT.get(ALL, address);
    }

    public static int getInt(long address) {
        return (int) INT.get(ALL, address);
    }

    public static long getLong(long address) {
        return (long) LONG.get(ALL, address);
    }

    public static void putByte(long address, byte value) {
        BYTE.set(ALL, address, value);
    }

    public static void putShort(long address, short value) {
        SHORT.set(ALL, address, value);
    }

    public static void putInt(long address, int value) {
        INT.set(ALL, address, value);
    }

    public static void putLong(long address, long value) {
        LONG.set(ALL, address, value);
    }

    /** Atomic compare-and-set of an aligned int, with the order of a volatile access. */
    public static boolean compareAndSetInt(long address, int expected, int value) {
        return ALIGNED_INT.compareAndSet(ALL, address, expected, value);
    }

    /** Atomic compare-and-set of an aligned long, with the order of a volatile access. */
    public static boolean compareAndSetLong(long address, long expected, long value) {
        return ALIGNED_LONG.compareAndSet(ALL, address, expected, value);
    }

    /** A volatile load of an aligned long. */
    public static long getLongVolatile(long address) {
        return (long) ALIGNED_LONG.getVolatile(ALL, address);
    }

    /** A volatile store of an aligned long. */
    public static void putLongVolatile(long address, long value) {
        ALIGNED_LONG.setVolatile(ALL, address, value);
    }

    /** Copies from a host address into an array. */
    public static void read(long address, byte[] into, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, into, offset, length);
    }

    /** Copies from an array to a host address. */
    public static void write(long address, byte[] from, int offset, int length) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, address, length);
    }
}
