package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.cpr.CprExecState;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command that a stream is piped into or comes from. Owns the process until {@link #end}; the pipe's descriptor is
 * taken by whoever {@link #fd} is given to. Its standard error is the emulator's.
 */
public final class Command {
    private final Process process;
    private final int fd;

    private Command(Process process, int fd) {
        this.process = process;
        this.fd = fd;
    }

    /** Starts a command that reads a stream from its standard input. */
    public static Command reader(List<String> args) throws MigrationFailure {
        return start(args, true);
    }

    /** Starts a command that writes a stream to its standard output. */
    public static Command writer(List<String> args) throws MigrationFailure {
        return start(args, false);
    }

    private static Command start(List<String> args, boolean reads) throws MigrationFailure {
        if (args.isEmpty()) {
            throw new MigrationFailure("exec channel: the command is empty");
        }
        try {
            int[] pipe = Fds.pipe();
            int theirs = pipe[reads ? 0 : 1];
            int ours = pipe[reads ? 1 : 0];
            File end = new File(
                    "/proc/self/fd/" + theirs); // the JDK passes a child nothing but files and pipes of its own
            ProcessBuilder builder = new ProcessBuilder(args)
                    .redirectInput(reads ? Redirect.from(end) : Redirect.from(new File("/dev/null")))
                    .redirectOutput(reads ? Redirect.DISCARD : Redirect.to(end))
                    .redirectError(Redirect.INHERIT);
            builder.environment().remove(CprExecState.VARIABLE);
            try {
                return new Command(builder.start(), ours);
            } catch (IOException e) {
                Fds.close(ours);
                throw e;
            } finally {
                Fds.close(theirs);
            }
        } catch (ErrnoException e) {
            throw ChannelErrors.command(args.getFirst(), e.text());
        } catch (IOException e) {
            throw ChannelErrors.command(args.getFirst(), e.getMessage());
        }
    }

    /** This process's end of the pipe. */
    public int fd() {
        return fd;
    }

    /**
     * Waits for its end and returns its exit status. Blocks.
     *
     * @throws IOException if it does not end within {@code nanos}
     */
    int await(long nanos) throws IOException {
        try {
            if (!process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
                throw new IOException("the command of the exec channel does not end: it has had the whole stream for "
                        + nanos / 1_000_000_000L + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a command", e);
        }
    }

    /** Ends the process if it has not ended. */
    public void end() {
        process.destroy();
    }
}
