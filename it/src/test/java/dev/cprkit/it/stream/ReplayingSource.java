package dev.cprkit.it.stream;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The old process's end of a live update, played by the test from a recording. The test's thread. */
public final class ReplayingSource {
    private ReplayingSource() {}

    /** Sends CPR state with its descriptors, and says that this is all. The connection is the caller's. */
    public static int sendState(Path path, Recording recording) throws IOException {
        int fd = Sockets.connectUnix(path.toString());
        try {
            byte[] bytes = recording.cpr();
            for (int at = 0; at < bytes.length; ) {
                Integer descriptor = recording.descriptors().get(at);
                if (descriptor != null) {
                    SocketMessages.send(fd, bytes, at, 1, descriptor);
                    at++;
                } else {
                    int end = next(recording.descriptors(), at, bytes.length);
                    at += SocketMessages.send(fd, bytes, at, end - at);
                }
            }
            Sockets.shutdownWrite(fd);
        } catch (ErrnoException e) {
            // The reader refused what came before and has gone: that is its answer.
        } catch (Throwable e) {
            Fds.close(fd);
            throw e;
        }
        return fd;
    }

    private static int next(Map<Integer, Integer> descriptors, int at, int end) {
        int next = end;
        for (int place : descriptors.keySet()) {
            if (place > at && place < next) {
                next = place;
            }
        }
        return next;
    }

    /** Sends the main stream and says that this is all. The connection is the caller's. */
    public static int sendMain(Path path, byte[] stream) throws IOException {
        int fd = Sockets.connectUnix(path.toString());
        try {
            for (int at = 0; at < stream.length; ) {
                at += SocketMessages.send(fd, stream, at, stream.length - at);
            }
            Sockets.shutdownWrite(fd);
        } catch (ErrnoException e) {
            // As above.
        }
        return fd;
    }
}
