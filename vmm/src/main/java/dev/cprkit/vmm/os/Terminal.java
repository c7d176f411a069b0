package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A terminal's settings (termios(3)), kept so that they can be put back. The layout of struct termios is Linux's with
 * glibc, the same on x86-64 and arm64: four 32-bit words of flags, a byte, then the control characters.
 *
 * <p>Threads: any. The memory given to the C library lives until the call has returned.
 */
public final class Terminal {
    /** A heap array may lie at any address. */
    private static final ValueLayout.OfInt INT = JAVA_INT.withByteAlignment(1);

    private static final int SIZE = 60;
    private static final int IFLAG = 0;
    private static final int OFLAG = 4;
    private static final int CFLAG = 8;
    private static final int LFLAG = 12;
    private static final int CC = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    /** IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON. */
    private static final int INPUT_COOKING = 1 | 2 | 010 | 040 | 0100 | 0200 | 0400 | 02000;

    private static final int OPOST = 1;
    /** CSIZE, PARENB. */
    private static final int FRAMING = 060 | 0400;

    private static final int CS8 = 060;
    /** ECHO, ECHONL, ICANON, IEXTEN. */
    private static final int LOCAL_COOKING = 010 | 0100 | 2 | 0100000;

    private static final int ISIG = 1;
    private static final int TCSANOW = 0;

    private static final MethodHandle TCGETATTR =
            NativeCall.linkErrno("tcgetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle TCSETATTR =
            NativeCall.linkErrno("tcsetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

    private final int fd;
    private final byte[] before;

    private Terminal(int fd, byte[] before) {
        this.fd = fd;
        this.before = before;
    }

    /** The terminal that a descriptor refers to, with its present settings; empty if it is not a terminal. */
    public static Optional<Terminal> of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment settings = arena.allocate(SIZE, 8);
            int result = (int) TCGETATTR.invokeExact(NativeCall.errnoSegment(), fd, settings);
            return result < 0 ? Optional.empty() : Optional.of(new Terminal(fd, settings.toArray(JAVA_BYTE)));
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Every key comes at once and unchanged, none is echoed; with {@code signals} Ctrl-C and the like raise signals. */
    public void raw(boolean signals) throws ErrnoException {
        raw(signals, true);
    }

    /** As {@link #raw}, without signals, and output is unchanged as well (cfmakeraw(3)). */
    public void transparent() throws ErrnoException {
        raw(false, false);
    }

    private void raw(boolean signals, boolean cookOutput) throws ErrnoException {
        byte[] settings = before.clone();
        MemorySegment flags = MemorySegment.ofArray(settings);
        flags.set(INT, IFLAG, flags.get(INT, IFLAG) & ~INPUT_COOKING);
        flags.set(INT, OFLAG, cookOutput ? flags.get(INT, OFLAG) | OPOST : flags.get(INT, OFLAG) & ~OPOST);
        flags.set(INT, CFLAG, flags.get(INT, CFLAG) & ~FRAMING | CS8);
        flags.set(INT, LFLAG, flags.get(INT, LFLAG) & ~(LOCAL_COOKING | (signals ? 0 : ISIG)));
        settings[CC + VMIN] = 1;
        settings[CC + VTIME] = 0;
        set(settings);
    }

    /** Puts the settings back that it had when this object was made. */
    public void restore() throws ErrnoException {
        set(before);
    }

    private void set(byte[] settings) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(SIZE, 8);
            MemorySegment.copy(settings, 0, memory, JAVA_BYTE, 0, SIZE);
            int result = (int) TCSETATTR.invokeExact(NativeCall.errnoSegment(), fd, TCSANOW, memory);
            if (result < 0) {
                throw new ErrnoException("tcsetattr", NativeCall.errno());
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }
}
