package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.HostFiles;
import dev.cprkit.vmm.os.MemoryFiles;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A file, from an offset on. Everything goes to a new file beside it, which takes its name when the stream is whole and
 * on the disk: whatever happens before, the old file is as it was. What the old file holds before the offset is kept.
 *
 * <p>A name that is no regular file (a device, {@code /dev/fdset/N}) cannot be replaced and is written in place.
 */
public final class OutgoingFile implements OutgoingChannel {
    private static final int PART = 1 << 20;

    /** The longest that what is behind a fifo may take nothing, in ns. */
    private static final long STALL = 30_000_000_000L;

    private static final long LOOK_AGAIN = 100_000_000L;

    private final int fd;
    private final Optional<Replacement> replacement;
    private final boolean durable;
    private final Disk disk;
    private final ChannelWorker worker;

    /** The new file, and the name that it will take. */
    private record Replacement(Path part, Path target) {}

    /** What is asked of the disk. */
    @FunctionalInterface
    interface Disk {
        /** Returns when it has everything that was written to the file, or the folder. */
        void sync(int fd) throws ErrnoException;
    }

    private OutgoingFile(EventLoop loop, int fd, Optional<Replacement> replacement, boolean durable, Disk disk) {
        this.disk = disk;
        this.fd = fd;
        this.replacement = replacement;
        this.durable = durable;
        this.worker = new ChannelWorker(loop);
    }

    /**
     * Opens it.
     *
     * @param offset where the stream begins, in bytes
     * @param durable whether the file shall outlive the host
     */
    public static OutgoingFile open(String name, long offset, boolean durable, ChannelHost host)
            throws MigrationFailure {
        return open(name, offset, durable, host, HostFiles::sync);
    }

    /** As above, with another disk. */
    static OutgoingFile open(String name, long offset, boolean durable, ChannelHost host, Disk disk)
            throws MigrationFailure {
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw new MigrationFailure("Could not create '" + name + "': " + e.getReason());
        }
        if (name.isEmpty() || Files.isDirectory(path)) {
            throw new MigrationFailure("Could not create '" + name + "': "
                    + (name.isEmpty() ? "No such file or directory" : "Is a directory"));
        }
        try {
            if (Files.exists(path) && !Files.isRegularFile(path) || name.startsWith("/dev/fdset/")) {
                int fd = host.files().open(name, Fds.O_WRONLY | Fds.O_NONBLOCK, 0600);
                beginInPlace(fd, name, offset);
                return new OutgoingFile(host.loop(), fd, Optional.empty(), durable, disk);
            }
            Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            if (Files.exists(target) && !Files.isWritable(target)) {
                throw new MigrationFailure("Could not create '" + name + "': Permission denied");
            }
            Path part = target.resolveSibling("." + target.getFileName() + "."
                    + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()) + ".part");
            int fd = Fds.open(part.toString(), Fds.O_RDWR | Fds.O_CREAT | Fds.O_EXCL, 0600);
            OutgoingFile file =
                    new OutgoingFile(host.loop(), fd, Optional.of(new Replacement(part, target)), durable, disk);
            try {
                file.begin(name, target, part, offset);
                return file;
            } catch (MigrationFailure | IOException e) {
                file.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw ChannelErrors.file("Could not create", name, e);
        } catch (IOException e) {
            throw new MigrationFailure("Could not create '" + name + "': " + e.getMessage());
        }
    }

    /** Of a file that is written in place, what is behind the offset belongs to an earlier stream. */
    private static void beginInPlace(int fd, String name, long offset) throws MigrationFailure {
        try {
            if (isRegular(fd)) {
                MemoryFiles.resize(fd, offset);
            }
            if (offset > 0 || isRegular(fd)) {
                HostFiles.seek(fd, offset);
            }
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw new MigrationFailure("failed to seek in migration file '" + name + "': " + e.text());
        }
    }

    /** Gives the new file the old one's mode, and what the old one holds before the offset. */
    private void begin(String name, Path target, Path part, long offset) throws MigrationFailure, IOException {
        if (Files.exists(target)) {
            copyOwner(target, part);
            if (offset > 0) {
                copyHead(target, offset);
            }
        }
        try {
            MemoryFiles.resize(fd, offset);
            HostFiles.seek(fd, offset);
        } catch (ErrnoException e) {
            throw new MigrationFailure("failed to truncate migration file '" + name + "' to offset 0x"
                    + Long.toHexString(offset) + ": " + e.text());
        }
    }

    private static void copyOwner(Path from, Path to) {
        try {
            PosixFileAttributes old = Files.readAttributes(from, PosixFileAttributes.class);
            PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
            view.setPermissions(old.permissions());
            if (!old.owner().equals(Files.getOwner(to))) {
                view.setOwner(old.owner());
            }
        } catch (IOException e) {
            return; // who may not give a file away keeps it
        }
    }

    private void copyHead(Path from, long length) throws IOException {
        int old = Fds.open(from.toString(), Fds.O_RDONLY, 0);
        try {
            byte[] buffer = new byte[(int) Math.min(PART, length)];
            long left = length;
            while (left > 0) {
                int n = Fds.read(old, buffer, 0, (int) Math.min(buffer.length, left));
                if (n <= 0) {
                    return; // it is shorter: the rest is a hole
                }
                writeAll(buffer, 0, n);
                left -= n;
            }
        } finally {
            Fds.close(old);
        }
    }

    /** The file's descriptor, for what is written at offsets; it stays the channel's. */
    public int fd() {
        return fd;
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
        if (worker.closed()) {
            throw new IOException("the file is not written any more");
        }
        writeAll(bytes, offset, length);
    }

    private void writeAll(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        try {
            while (done < length) {
                int n = Fds.write(fd, bytes, offset + done, Math.min(PART, length - done));
                if (n == 0) {
                    throw new IOException("Unable to write to file: it takes no more");
                } else if (n < 0) {
                    awaitRoom();
                } else {
                    done += n;
                }
            }
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to file: " + e.text(), e);
        }
    }

    /** Of a fifo, or a terminal. */
    private void awaitRoom() throws IOException {
        long deadline = System.nanoTime() + STALL;
        for (long now = System.nanoTime();
                !FdWait.writable(fd, Math.min(deadline, now + LOOK_AGAIN));
                now = System.nanoTime()) {
            if (worker.closed()) {
                throw new IOException("the file is not written any more");
            }
            if (now >= deadline) {
                throw new IOException("nobody read the stream for " + STALL / 1_000_000_000L + " s");
            }
        }
    }

    @Override
    public void finish(Listener listener) {
        worker.run(this::commit, listener);
    }

    private void commit() throws IOException {
        if (worker.closed()) {
            throw new IOException("the file is not written any more");
        }
        try {
            if (durable && (replacement.isPresent() || isRegular(fd))) {
                disk.sync(fd);
            }
            if (worker.closed()) {
                throw new IOException("the file is not written any more"); // that took long, and somebody gave it up
            }
            if (replacement.isPresent()) {
                Replacement names = replacement.get();
                Files.move(names.part(), names.target(), StandardCopyOption.ATOMIC_MOVE);
                if (durable) {
                    syncFolder(names.target());
                }
            }
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to file: " + e.text(), e);
        }
    }

    private static boolean isRegular(int fd) {
        return Files.isRegularFile(Path.of("/proc/self/fd/" + fd));
    }

    private void syncFolder(Path file) throws ErrnoException {
        int folder = Fds.open(file.getParent().toString(), Fds.O_RDONLY, 0);
        try {
            disk.sync(folder);
        } finally {
            Fds.close(folder);
        }
    }

    @Override
    public OptionalInt returnPath() {
        return OptionalInt.empty();
    }

    @Override
    public void close() {
        worker.end(() -> {
            Fds.close(fd);
            replacement.ifPresent(names -> remove(names.part()));
        });
    }

    private static void remove(Path part) {
        try {
            if (Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(part);
            }
        } catch (IOException e) {
            return; // it is not what anybody asked for, and no later file has its name
        }
    }
}
