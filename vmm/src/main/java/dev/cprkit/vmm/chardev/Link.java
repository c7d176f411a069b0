package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.vmm.run.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * An open connection to the host: reads when its owner has room, writes at once what fits and queues the rest.
 *
 * <p>Descriptors are waited for only while there is something to do with them. A peer that hangs up while its input is
 * not wanted is reported by poll(2) again and again; the watch is then closed, and what the peer had sent is read when
 * the owner asks for it.
 *
 * <p>Used with the loop's lock held, which is the machine lock if it is the main loop: {@link #write} on any thread, the
 * rest on the loop's.
 */
final class Link {
    private static final int READ_SIZE = 64 << 10;

    private volatile EventLoop loop;
    private final Port port;
    private final Owner owner;
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private Optional<EventLoop.Watch> input;
    private Optional<EventLoop.Watch> output;
    private final boolean oneDescriptor;
    private boolean inputWatched;
    private boolean outputWatched;
    private byte[] buffer = new byte[256];
    private int headOffset;
    private int queued;
    private boolean inputEnded;
    private boolean inputHungUp;
    private boolean failed;
    private boolean closed;

    /** Whom a link serves. All calls come on the main loop's thread. */
    interface Owner {
        /** How many bytes of input it takes now. */
        int room();

        /** Input; the array is the link's. */
        void input(byte[] bytes, int length);

        /** The input has ended. */
        void ended();

        /** The connection is broken; the text says why. */
        void broken(String why);

        /** All output has been written. */
        void drained();
    }

    Link(EventLoop loop, Port port, Owner owner) {
        this.loop = loop;
        this.port = port;
        this.owner = owner;
        this.oneDescriptor = port.in() == port.out();
        this.inputWatched = port.in() >= 0;
        this.outputWatched = port.out() >= 0 && !oneDescriptor;
        this.inputEnded = !inputWatched;
        this.input = inputWatched ? Optional.of(loop.watch(port.in(), 0, this::ready)) : Optional.empty();
        this.output = outputWatched ? Optional.of(loop.watch(port.out(), 0, this::outputReady)) : Optional.empty();
        watch();
    }

    /** Another loop watches from here on, and calls the owner. The caller holds the locks of both. */
    void moveTo(EventLoop next) {
        loop = next;
        if (inputWatched) {
            input.orElseThrow().close();
            input = Optional.of(next.watch(port.in(), 0, this::ready));
        }
        if (outputWatched) {
            output.orElseThrow().close();
            output = Optional.of(next.watch(port.out(), 0, this::outputReady));
        }
        if (!closed) {
            watch();
        }
    }

    /** Runs something on the loop, whichever it is by then. */
    private void post(Runnable action) {
        EventLoop now = loop;
        now.post(() -> {
            if (now == loop) {
                action.run();
            } else {
                post(action);
            }
        });
    }

    /** Bytes that wait. */
    int queued() {
        return queued;
    }

    /** Writes or queues; false, and nothing is kept, if {@code limit} bytes or more wait already. */
    boolean write(byte[] bytes, int offset, int length, int limit) {
        if (closed || failed) {
            return true;
        }
        int done = 0;
        if (queued == 0) {
            done = tryWrite(bytes, offset, length);
        } else if (queued >= limit) {
            return false;
        }
        if (done < length && !failed) {
            byte[] rest = new byte[length - done];
            System.arraycopy(bytes, offset + done, rest, 0, rest.length);
            queue.add(rest);
            queued += rest.length;
            watch();
        }
        return true;
    }

    /** Writes what waits, until the deadline of {@link System#nanoTime}. */
    void flush(long deadline) {
        try {
            while (queued > 0 && !flush() && !failed && FdWait.writable(port.out(), deadline)) {}
        } catch (ErrnoException e) {
            fail(e.getMessage());
        }
    }

    /** The owner has room again. */
    void acceptInput() {
        if (!closed) {
            watch();
        }
        if (inputHungUp && !inputEnded) {
            post(this::read);
        }
    }

    /** Writes what fits now and closes. */
    void close() {
        if (closed) {
            return;
        }
        flush();
        closed = true;
        unwatchInput();
        unwatchOutput();
        port.close();
    }

    private void ready(int ready) {
        if (closed) {
            return;
        }
        if ((ready & EventLoop.WRITABLE) != 0 && queued > 0 && oneDescriptor) {
            flushAndTell();
        }
        if (closed || inputEnded) {
            return;
        }
        boolean hungUp = (ready & EventLoop.HANGUP) != 0;
        if (hungUp && owner.room() <= 0) {
            inputHungUp = true;
            unwatchInput();
        } else if (hungUp || (ready & EventLoop.READABLE) != 0) {
            read();
        }
    }

    private void outputReady(int ready) {
        if (closed) {
            return;
        }
        if ((ready & EventLoop.HANGUP) != 0 && (ready & EventLoop.WRITABLE) == 0) {
            fail("hung up");
        } else {
            flushAndTell();
        }
    }

    private void read() {
        if (closed || inputEnded) {
            return;
        }
        int room = Math.min(owner.room(), READ_SIZE);
        if (room <= 0) {
            watch();
            return;
        }
        if (buffer.length < room) {
            buffer = new byte[room];
        }
        try {
            int count = port.read(buffer, room);
            if (count > 0) {
                owner.input(buffer, count);
                if (inputHungUp && !closed) {
                    post(this::read);
                }
            } else if (count == 0) {
                end();
            }
        } catch (ErrnoException e) {
            end();
        }
        if (!closed) {
            watch();
        }
    }

    private void end() {
        inputEnded = true;
        if (!oneDescriptor) {
            unwatchInput();
        }
        owner.ended();
    }

    private void flushAndTell() {
        if (queued > 0 && flush() && !closed) {
            watch();
            owner.drained();
        }
    }

    /** Writes what fits; whether nothing waits any more. */
    private boolean flush() {
        while (queued > 0 && !failed) {
            byte[] head = queue.getFirst();
            int count = tryWrite(head, headOffset, head.length - headOffset);
            headOffset += count;
            queued -= count;
            if (failed || headOffset < head.length) {
                return false;
            }
            queue.removeFirst();
            headOffset = 0;
        }
        return !failed;
    }

    private int tryWrite(byte[] bytes, int offset, int length) {
        if (port.out() < 0) {
            return length;
        }
        int done = 0;
        try {
            while (done < length) {
                int count = port.write(bytes, offset + done, length - done);
                if (count < 0) {
                    break;
                }
                done += count;
            }
        } catch (ErrnoException e) {
            fail(e.getMessage());
        }
        return done;
    }

    /** Ends the output; a vCPU may be writing, so the owner is told on the loop's thread. */
    private void fail(String why) {
        if (failed) {
            return;
        }
        failed = true;
        queue.clear();
        queued = 0;
        headOffset = 0;
        unwatchOutput();
        post(() -> {
            if (!closed) {
                owner.broken(why);
            }
        });
    }

    private void watch() {
        int read = !inputEnded && !inputHungUp && owner.room() > 0 ? EventLoop.READABLE : 0;
        int write = queued > 0 ? EventLoop.WRITABLE : 0;
        if (inputWatched) {
            input.orElseThrow().events(oneDescriptor ? read | write : read);
        }
        if (outputWatched) {
            output.orElseThrow().events(write);
        }
    }

    private void unwatchInput() {
        if (inputWatched) {
            inputWatched = false;
            input.orElseThrow().close();
        }
    }

    private void unwatchOutput() {
        if (outputWatched) {
            outputWatched = false;
            output.orElseThrow().close();
        }
    }
}
