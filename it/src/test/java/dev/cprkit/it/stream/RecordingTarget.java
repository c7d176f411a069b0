package dev.cprkit.it.stream;

import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The new process's end of a live update, played by the test: it listens where one would, takes what comes, and never
 * runs a guest. Steps in order, each by the test's thread and with a limit; closing it removes the sockets.
 */
public final class RecordingTarget implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path cprPath;
    private final Path mainPath;
    private final int cprListener;
    private int mainListener = -1;
    private int cpr = -1;
    private int main = -1;
    private byte[] state = {};
    private final Map<Integer, Integer> descriptors = new TreeMap<>();

    /** Listens for CPR state at {@code cprPath}, and not yet at {@code mainPath}. */
    public RecordingTarget(Path cprPath, Path mainPath) throws IOException {
        this.cprPath = cprPath;
        this.mainPath = mainPath;
        this.cprListener = Sockets.listenUnix(cprPath.toString(), 1);
    }

    /** Records a whole update that {@code migrate} begins. */
    public static Recording record(Path cprPath, Path mainPath, Step migrate) throws Exception {
        try (RecordingTarget target = new RecordingTarget(cprPath, mainPath)) {
            target.listenForMain();
            migrate.run();
            target.takeState();
            target.hangUp();
            return target.takeMain();
        }
    }

    /** Something that may fail in any way. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    public void listenForMain() throws IOException {
        mainListener = Sockets.listenUnix(mainPath.toString(), 1);
    }

    /** Takes CPR state and descriptors, and keeps the connection, as a process does that is being built. */
    public byte[] takeState() throws IOException {
        cpr = accept(cprListener);
        state = takeAll(cpr);
        return state;
    }

    /** Lets the old process see that the new one is ready, or dead. */
    public void hangUp() {
        Fds.close(cpr);
        cpr = -1;
    }

    /** The connection of the main channel, which stays this object's. */
    public int acceptMain() throws IOException {
        main = accept(mainListener);
        return main;
    }

    /** Takes the main stream to its end; the descriptors are the recording's from now on. */
    public Recording takeMain() throws IOException {
        byte[] stream = takeAll(acceptMain());
        Recording recording = new Recording(state, Map.copyOf(descriptors), stream);
        descriptors.clear();
        return recording;
    }

    private int accept(int listener) throws IOException {
        await(listener, "a connection");
        return Sockets.accept(listener);
    }

    private byte[] takeAll(int fd) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[65536];
        for (; ; ) {
            await(fd, "the rest of a stream, of which " + all.size() + " bytes came");
            SocketMessages.Received received = SocketMessages.receive(fd, buffer, 0, buffer.length);
            if (received.count() <= 0) {
                return all.toByteArray();
            }
            for (int descriptor : received.fds()) {
                // It comes with the read that returns its byte, and no such read goes beyond that byte (unix(7)).
                descriptors.put(all.size() + received.count() - 1, descriptor);
            }
            all.write(buffer, 0, received.count());
        }
    }

    private static void await(int fd, String what) throws IOException {
        if (!FdWait.readable(fd, System.nanoTime() + LIMIT.toNanos())) {
            throw new IOException("within " + LIMIT.toSeconds() + " s there was not " + what);
        }
    }

    @Override
    public void close() throws IOException {
        for (int fd : new int[] {cpr, main, cprListener, mainListener}) {
            if (fd >= 0) {
                Fds.close(fd);
            }
        }
        descriptors.values().forEach(Fds::close);
        Files.deleteIfExists(cprPath);
        Files.deleteIfExists(mainPath);
    }
}
