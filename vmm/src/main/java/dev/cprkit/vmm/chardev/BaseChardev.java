package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.EventLoop;
import java.util.Optional;

/** What every chardev has: a label, a frontend and perhaps a log of its output. */
abstract class BaseChardev implements Chardev {
    private static final int NO_LOG = -1;

    private final String label;
    private Optional<Frontend> frontend = Optional.empty();
    private int log = NO_LOG;

    BaseChardev(String label, Optional<ChardevLog> logConfig) throws ChardevException {
        this.label = label;
        if (logConfig.isPresent()) {
            ChardevLog config = logConfig.get();
            int flags = Fds.O_WRONLY | Fds.O_CREAT | (config.append() ? Fds.O_APPEND : Fds.O_TRUNC);
            try {
                log = Fds.open(config.path(), flags, 0666);
            } catch (ErrnoException e) {
                throw new ChardevException("Unable to open logfile " + config.path() + ": " + e.text());
            }
        }
    }

    @Override
    public final String label() {
        return label;
    }

    @Override
    public final boolean frontendOpen() {
        return frontend.isPresent();
    }

    @Override
    public final void attach(Frontend end) {
        if (frontend.isPresent()) {
            throw new IllegalStateException("chardev " + label + " has a frontend already");
        }
        frontend = Optional.of(end);
        attached(end);
    }

    @Override
    public final void sendBreak() {
        frontend.ifPresent(Frontend::lineBroke);
    }

    @Override
    public final void detach() {
        frontend = Optional.empty();
    }

    @Override
    public final void write(byte[] bytes, int offset, int length) {
        if (length <= 0) {
            return;
        }
        writeLog(bytes, offset, length);
        transmit(bytes, offset, length);
    }

    @Override
    public void close() {
        if (log != NO_LOG) {
            Fds.close(log);
            log = NO_LOG;
        }
    }

    /**
     * Watches the host from another loop from here on, which calls the frontend. The caller holds the locks of both.
     */
    abstract void moveTo(EventLoop loop);

    /** The frontend, once there is one. */
    final Optional<Frontend> frontend() {
        return frontend;
    }

    /** How much may wait for the host. */
    final int outputLimit() {
        return frontend.isPresent() ? frontend.get().outputLimit() : 0;
    }

    /** A frontend has come: tell it what it missed, and read for it. */
    abstract void attached(Frontend end);

    /** Sends at least one byte. */
    abstract void transmit(byte[] bytes, int offset, int length);

    /** Copies to the log; a log that cannot be written ends, the chardev goes on. */
    private void writeLog(byte[] bytes, int offset, int length) {
        if (log == NO_LOG) {
            return;
        }
        try {
            for (int done = 0; done < length; ) {
                int count = Fds.write(log, bytes, offset + done, length - done);
                if (count <= 0) {
                    throw new ErrnoException("write", Errno.EAGAIN);
                }
                done += count;
            }
        } catch (ErrnoException e) {
            System.err.println(
                    "vmm: warning: chardev " + label + ": logging ends, the log file cannot be written: " + e.text());
            Fds.close(log);
            log = NO_LOG;
        }
    }
}
