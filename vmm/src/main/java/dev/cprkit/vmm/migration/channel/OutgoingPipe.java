package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/** A pipe, or a terminal, into a command or whatever a client has connected it to. */
public final class OutgoingPipe implements OutgoingChannel {
    /** A pipe that poll(2) calls writable takes this many bytes (PIPE_BUF, pipe(7)) without blocking. */
    private static final int PART = 4096;

    private static final long LOOK_AGAIN = 100_000_000L;

    private final int fd;
    private final Optional<Command> command;
    private final long stall;
    private final long commandEnd;
    private final ChannelWorker worker;
    private boolean ended;

    /**
     * Takes the descriptor over, and the command behind it.
     *
     * @param stall the longest time without a byte that the reader takes, in ns
     * @param commandEnd how long the command may take to end after the stream, in ns
     */
    public OutgoingPipe(EventLoop loop, int fd, Optional<Command> command, long stall, long commandEnd) {
        this.fd = fd;
        this.command = command;
        this.stall = stall;
        this.commandEnd = commandEnd;
        this.worker = new ChannelWorker(loop);
    }

    @Override
    public void send(byte[] bytes, Listener listener) {
        worker.run(() -> write(bytes, 0, bytes.length), listener);
    }

    @Override
    public void run(Job job, Listener listener) {
        worker.run(job, listener);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        try {
            while (done < length) {
                awaitRoom();
                int n = Fds.write(fd, bytes, offset + done, Math.min(PART, length - done));
                done += Math.max(0, n);
            }
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to command: " + e.text(), e);
        }
    }

    private void awaitRoom() throws IOException {
        long deadline = System.nanoTime() + stall;
        for (; ; ) {
            if (worker.closed()) {
                throw new IOException("the pipe is not written any more");
            }
            long now = System.nanoTime();
            if (FdWait.writable(fd, Math.min(deadline, now + LOOK_AGAIN))) {
                return;
            }
            if (now >= deadline) {
                throw new IOException("nobody read the stream for " + stall / 1_000_000_000L + " s");
            }
        }
    }

    @Override
    public void finish(Listener listener) {
        worker.run(
                () -> {
                    ended = true;
                    Fds.close(fd);
                    if (command.isPresent()) {
                        int status = command.get().await(commandEnd);
                        if (status != 0) {
                            throw new IOException("the command of the exec channel ended with status " + status);
                        }
                    }
                },
                listener);
    }

    @Override
    public OptionalInt returnPath() {
        return OptionalInt.empty();
    }

    @Override
    public void close() {
        command.ifPresent(Command::end);
        worker.end(() -> {
            if (!ended) {
                Fds.close(fd);
            }
        });
    }
}
