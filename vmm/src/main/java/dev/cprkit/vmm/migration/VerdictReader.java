package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.vmm.run.EventLoop;

/**
 * Reads what the new process says on the way back, and notices when it closes (reference/qemu-cpr.md, section 3.6). Main
 * loop's thread.
 */
final class VerdictReader {
    /** What is told, at most once. */
    interface Listener {
        /** The new process says how it went: 0 is well. */
        void shut(int error);

        /** It closed the connection without a word. */
        void closed();

        /** It said something that makes no sense. */
        void broken(String reason);
    }

    private static final String[] NAMES = {
        "INVALID", "SHUT", "PONG", "REQ_PAGES_ID", "REQ_PAGES", "RECV_BITMAP", "RESUME_ACK", "SWITCHOVER_ACK"
    };
    private static final int[] LENGTHS = {-1, 4, 4, -1, 12, -1, 4, 0};
    private static final int HEADER = 4;

    private final int fd;
    private final Listener listener;
    private final EventLoop.Watch watch;
    private final byte[] buffer = new byte[1024];
    private int used;

    VerdictReader(EventLoop loop, int fd, Listener listener) {
        this.fd = fd;
        this.listener = listener;
        this.watch = loop.watch(fd, EventLoop.READABLE, ready -> readable());
    }

    /** Reads no more. Does not close the socket. */
    void close() {
        watch.close();
    }

    private void readable() {
        int n;
        try {
            n = SocketMessages.receive(fd, buffer, used, buffer.length - used).count();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ECONNRESET) {
                n = 0;
            } else {
                close();
                listener.broken("return path: " + e.getMessage());
                return;
            }
        }
        if (n == 0) {
            close();
            listener.closed();
            return;
        }
        used += Math.max(0, n);
        while (used >= HEADER && message()) {}
    }

    /** Takes one message from the buffer; false if there is no whole one, or if it was the last. */
    private boolean message() {
        int type = number(0, 2);
        int length = number(2, 2);
        String hex = "0x" + pad(type);
        if (type == 0 || type >= NAMES.length) {
            close();
            listener.broken("Received invalid message " + hex + " length 0x" + pad(length));
            return false;
        }
        if (LENGTHS[type] != length) {
            close();
            listener.broken("Received '" + NAMES[type] + "' message (" + hex + ") withincorrect length " + length
                    + " expecting " + LENGTHS[type]);
            return false;
        }
        if (used < HEADER + length) {
            return false;
        }
        int value = length >= 4 ? number(HEADER, 4) : 0;
        used -= HEADER + length;
        System.arraycopy(buffer, HEADER + length, buffer, 0, used);
        if (type == StreamFormat.RP_SHUT) {
            close();
            listener.shut(value);
            return false;
        }
        return true;
    }

    private int number(int at, int bytes) {
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | buffer[at + i] & 0xff;
        }
        return value;
    }

    private static String pad(int value) {
        String hex = Integer.toHexString(value);
        return "0".repeat(4 - hex.length()) + hex;
    }
}
