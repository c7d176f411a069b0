package dev.cprkit.agent.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The host's processes and sockets, as far as an update needs them. Any thread may call. */
public interface ProcessHost {
    /**
     * Looks at a process.
     *
     * @throws IOException if it does not exist or may not be looked at; the message is a sentence
     */
    ProcessFacts facts(long pid) throws IOException;

    /** What a process can be found again by; empty if there is none of that id. */
    Optional<ProcessRef> ref(long pid);

    /** The file that a process prints its errors into; empty if it is none, or may not be looked at. */
    Optional<Path> printsTo(long pid);

    /** A process that is there already; empty if it is not. */
    Optional<HostProcess> attach(long pid);

    /**
     * Starts a process in a session of its own, so that neither this one's end nor a Ctrl-C at its terminal reaches it.
     *
     * @param output a new file that takes what it prints; its input is empty
     * @throws IOException if it cannot be started; the message is a sentence
     */
    HostProcess start(List<String> command, Path directory, Map<String, String> environment, Path output)
            throws IOException;

    /**
     * As above, with descriptors of this process, which keeps its own: the child finds them as 3, 4 and so on.
     *
     * @throws IOException if it cannot be started
     */
    HostProcess start(
            List<String> command,
            Path directory,
            Map<String, String> environment,
            Path output,
            List<Integer> descriptors)
            throws IOException;

    /** The first of the descriptors' numbers in the child. */
    int FIRST_DESCRIPTOR = 3;

    /** Other processes that have this in their environment, as far as they may be looked at. */
    List<Long> withVariable(String name, String value);

    /** Other processes that have one of their arguments contain {@code text}, as far as they may be looked at. */
    List<Long> withArgument(String text);

    /** Whether somebody listens on the unix socket of exactly this absolute path. */
    boolean isListening(Path socket);

    /**
     * Claims a process for one update at a time; the claim ends when it is closed, or with this process.
     *
     * @return empty if somebody else has claimed it
     */
    Optional<Claim> claim(long pid);

    /** As {@link #claim}, but waits for a check that somebody else makes at this moment; an update takes longer. */
    default Optional<Claim> claim(long pid, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        Optional<Claim> claim = claim(pid);
        while (claim.isEmpty()
                && System.nanoTime() - deadline < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(AGAIN.toNanos());
            claim = claim(pid);
        }
        return claim;
    }

    /** How soon a claim is tried again. */
    Duration AGAIN = Duration.ofMillis(20);

    /** For as long as a check of a VM that answers takes. */
    Duration CHECK = Duration.ofSeconds(3);

    /** A process that nobody else may update now. */
    interface Claim extends AutoCloseable {
        @Override
        void close();
    }

    /** The effective user's id of this process. */
    int uid();
}
