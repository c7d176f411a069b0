package dev.cprkit.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.cprkit.proto.os.NativeCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jnr.constants.platform.Errno;
import jnr.constants.platform.OpenFlags;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.SpawnAttribute;
import jnr.posix.SpawnFileAction;

/**
 * A child of this process that has inherited descriptors, which neither {@link ProcessBuilder} nor Commons Exec can pass.
 *
 * <p>posix_spawn(3) through jnr-posix. The JDK leaves nearly every descriptor of its own inheritable, so all of them are
 * marked close-on-exec first (close_range(2), Linux 5.11), which changes nothing for this process; what the child gets is
 * duplicated onto its number by the spawn itself, which clears the mark there. The JDK blocks a signal in its threads, so
 * the calling thread's mask is empty while it spawns. A thread of its own waits for the child, so that no zombie is left.
 */
final class SpawnedProcess implements HostProcess {
    private static final int FIRST_DESCRIPTOR = ProcessHost.FIRST_DESCRIPTOR;
    private static final short SETSID = 0x80;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET = 128;

    /** From the end of a child until our thread has its status. */
    private static final Duration REAPING = Duration.ofSeconds(1);

    /** Goes to a directory, which posix_spawn cannot, and becomes the program. */
    private static final String CHANGE_AND_EXEC = "cd -- \"$0\" && exec \"$@\"";

    private static final POSIX POSIX_CALLS = POSIXFactory.getNativePOSIX();

    private final long pid;
    private final AttachedProcess attached;
    private final CompletableFuture<Integer> status = new CompletableFuture<>();

    private SpawnedProcess(long pid) {
        this.pid = pid;
        this.attached = new AttachedProcess(ProcessHandle.of(pid).orElseThrow());
    }

    /**
     * Starts one, in a session of its own, with nothing to read.
     *
     * @param output takes what it prints
     * @param descriptors of this process, which keeps them; the child finds them as 3, 4 and so on
     * @throws IOException if it cannot be started
     */
    static SpawnedProcess start(
            List<String> command,
            Path directory,
            Map<String, String> environment,
            Path output,
            List<Integer> descriptors)
            throws IOException {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", CHANGE_AND_EXEC, directory.toString()));
        words.addAll(command);
        List<String> variables = new ArrayList<>();
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        List<SpawnFileAction> actions = new ArrayList<>();
        actions.add(SpawnFileAction.open("/dev/null", 0, OpenFlags.O_RDONLY.intValue(), 0));
        int append = OpenFlags.O_WRONLY.intValue() | OpenFlags.O_APPEND.intValue();
        actions.add(SpawnFileAction.open(output.toString(), 1, append, 0));
        actions.add(SpawnFileAction.dup(1, 2));
        for (int i = 0; i < descriptors.size(); i++) {
            actions.add(SpawnFileAction.dup(descriptors.get(i), FIRST_DESCRIPTOR + i));
        }
        long pid = spawn(words, variables, actions);
        if (pid <= 0) {
            throw new IOException("cannot start " + command.getFirst() + ": "
                    + Errno.valueOf(POSIX_CALLS.errno()).description());
        }
        SpawnedProcess process = new SpawnedProcess(pid);
        Thread.ofPlatform().daemon().name("child " + pid).start(process::reap);
        return process;
    }

    private static long spawn(List<String> words, List<String> variables, List<SpawnFileAction> actions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = arena.allocate(SIGNAL_SET, 8);
            MemorySegment before = arena.allocate(SIGNAL_SET, 8);
            int closed = (int) Native.CLOSE_RANGE.invokeExact(FIRST_DESCRIPTOR, -1, CLOSE_RANGE_CLOEXEC);
            assert closed == 0;
            int set = (int) Native.SIGMASK.invokeExact(SIG_SETMASK, none, before);
            assert set == 0;
            try {
                return POSIX_CALLS.posix_spawnp(
                        words.getFirst(), actions, List.of(SpawnAttribute.flags(SETSID)), words, variables);
            } finally {
                int restored = (int) Native.SIGMASK.invokeExact(SIG_SETMASK, before, MemorySegment.NULL);
                assert restored == 0;
            }
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private void reap() {
        int[] how = new int[1];
        long reaped;
        do {
            reaped = POSIX_CALLS.waitpid(pid, how, 0);
        } while (reaped < 0 && POSIX_CALLS.errno() == Errno.EINTR.intValue());
        status.complete(how[0]);
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        return !status.isDone() && attached.isAlive();
    }

    @Override
    public void terminate() {
        attached.terminate();
    }

    @Override
    public void kill() {
        attached.kill();
    }

    @Override
    public boolean awaitEnd(Duration limit) {
        try {
            int ignored = status.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** wait(2)'s status: the low seven bits are the signal, the next byte the exit status. */
    @Override
    public String ending() {
        if (isAlive() || !awaitEnd(REAPING)) {
            return "";
        }
        int how = status.join();
        int signal = how & 0x7f;
        return signal != 0 ? "killed by signal " + signal : "exit status " + (how >> 8 & 0xff);
    }

    private static final class Native {
        static final MethodHandle CLOSE_RANGE =
                NativeCall.link("close_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle SIGMASK =
                NativeCall.link("pthread_sigmask", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    }
}
