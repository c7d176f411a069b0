package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Replaces the program of this process: execvpe(3). The process id, the standard streams and the descriptors that are
 * asked for stay; threads, memory and all other descriptors are gone.
 *
 * <p>The JDK leaves nearly every descriptor inheritable and blocks SIGQUIT in its threads, and both would pass to the next
 * program (reference/java-platform.md, section 5): so everything above standard error is marked close-on-exec first
 * (close_range(2), Linux 5.11 or later), and the calling thread's signal mask is emptied. What
 * else a thread hands on, its affinity and priorities, this program never changes.
 */
public final class Exec {
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int SIG_SETMASK = 2;
    /** The kernel's signal set has 64 bits; the C library's has 1024. */
    private static final int SIGNAL_SET = 128;

    private Exec() {}

    /**
     * Does not return when it succeeds. Any thread; all others are gone then, wherever they are.
     *
     * @param command the program, looked up in PATH if its name has no slash, and its arguments
     * @param environment the next program's, whole
     * @param kept the descriptors above 2 that stay open
     * @throws ErrnoException if it fails; then the process goes on, all its descriptors close-on-exec, the mask as it was
     */
    public static void replace(List<String> command, Map<String, String> environment, List<Integer> kept)
            throws ErrnoException {
        List<String> variables = new ArrayList<>(environment.size());
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        System.out.flush();
        System.err.flush();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocateFrom(command.getFirst());
            MemorySegment argv = vector(arena, command);
            MemorySegment envp = vector(arena, variables);
            MemorySegment none = arena.allocate(SIGNAL_SET, 8);
            MemorySegment before = arena.allocate(SIGNAL_SET, 8);
            closeAllOnExec();
            setCloseOnExec(kept, false);
            int ignored = CLibrary.callInt(
                    Calls.SIGMASK, "pthread_sigmask", SIG_SETMASK, none.address(), before.address(), 0);
            try {
                long never =
                        CLibrary.callInt(Calls.EXECVPE, "execvp", file.address(), argv.address(), envp.address(), 0);
                assert never == 0;
            } finally {
                int restored = CLibrary.callInt(Calls.SIGMASK, "pthread_sigmask", SIG_SETMASK, before.address(), 0, 0);
                assert restored == 0;
                setCloseOnExec(kept, true);
            }
        }
    }

    private static void setCloseOnExec(List<Integer> fds, boolean on) throws ErrnoException {
        for (int fd : fds) {
            Fds.setCloseOnExec(fd, on);
        }
    }

    private static void closeAllOnExec() throws ErrnoException {
        CLibrary.callInt(Calls.CLOSE_RANGE, "close_range", 3, 0xffff_ffffL, CLOSE_RANGE_CLOEXEC, 0);
    }

    private static MemorySegment vector(Arena arena, List<String> texts) {
        MemorySegment vector = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            vector.set(JAVA_LONG, 8L * i, arena.allocateFrom(texts.get(i)).address());
        }
        return vector;
    }

    private static final class Calls {
        static final MethodHandle CLOSE_RANGE = CLibrary.link("close_range");
        static final MethodHandle SIGMASK = CLibrary.link("pthread_sigmask");
        static final MethodHandle EXECVPE = CLibrary.link("execvpe");
    }
}
