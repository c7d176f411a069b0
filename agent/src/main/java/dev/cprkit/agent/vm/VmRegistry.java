package dev.cprkit.agent.vm;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.home.PrivateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The VMs of this host that are known by a name: a folder for each in {@link Home#vms}, with its file {@code vm.json}, and
 * for those that were launched their sockets and their log. Any thread and any process may call: changes take a lock on a
 * file, readers take none.
 *
 * <p>Every method throws {@link IOException} if the folders cannot be read or written; the message is a sentence.
 */
public final class VmRegistry {
    /** File locks are a process's, not a thread's (fcntl(2)), so threads wait for each other here first. */
    private static final ReentrantLock CHANGING = new ReentrantLock();

    private final Path vms;
    private final Path saved;

    public VmRegistry(Home home) {
        this.vms = home.vms();
        this.saved = home.saved();
    }

    /** Where a VM of that name waits to be restored; empty if none does. */
    Optional<Path> savedIn(VmName name) {
        return Optional.of(saved.resolve(name.text())).filter(Files::exists);
    }

    /** All VMs in the order of their names; one whose file is damaged is named, and hides no other. */
    public NamedFolders.Listing<VmRecord> list() throws IOException {
        PrivateFolder.checkIfThere(vms);
        return NamedFolders.list(vms, this::find, Comparator.comparing(VmRecord::name));
    }

    /** The VM of that name; throws if its file is damaged. */
    public Optional<VmRecord> find(VmName name) throws IOException {
        PrivateFolder.checkIfThere(vms); // what somebody else put there could lead us to any process
        try {
            return Optional.of(VmFile.read(file(name), name));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The VM that is managed with that QMP socket, by its absolute path or by where that leads. */
    public Optional<VmRecord> withQmp(Path qmp) throws IOException {
        Path real = real(qmp);
        return list().vms().stream()
                .filter(vm -> vm.qmp().equals(qmp) || real(vm.qmp()).equals(real))
                .findFirst();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath();
        }
    }

    /** Where a VM's files are, whether it is there or not. */
    public Path folder(VmName name) {
        return vms.resolve(name.text());
    }

    /** Makes a VM's folder, for this user alone; one that is there already stays as it is. */
    public Path makeFolder(VmName name) throws IOException {
        PrivateFolder.make(vms);
        return PrivateFolder.make(folder(name));
    }

    /**
     * Enters a VM.
     *
     * @throws FileAlreadyExistsException if there is one of that name
     */
    public void add(VmRecord vm) throws IOException {
        makeFolder(vm.name());
        changing(() -> {
            if (Files.exists(file(vm.name()))) {
                throw new FileAlreadyExistsException("there is a VM named " + vm.name() + " already");
            }
            makeFolder(vm.name());
            VmFile.write(file(vm.name()), vm);
            VmFile.sync(vms);
        });
    }

    /** Enters a VM in the place of one of that name that is gone, whose files go. */
    public void replace(VmRecord vm) throws IOException {
        makeFolder(vm.name());
        changing(() -> {
            empty(makeFolder(vm.name()));
            VmFile.write(file(vm.name()), vm);
            VmFile.sync(vms);
        });
    }

    /** Takes a VM out and leaves its folder, with the sockets of its process; whether it was there. */
    public boolean forget(VmName name) throws IOException {
        if (!Files.exists(file(name))) {
            return false;
        }
        changing(() -> {
            Files.deleteIfExists(file(name));
            VmFile.sync(folder(name));
        });
        return true;
    }

    /** Takes a VM out, with its folder and what is in it; whether it was there. Its process is not touched. */
    public boolean remove(VmName name) throws IOException {
        Path folder = folder(name);
        if (!Files.isDirectory(folder)) {
            return false;
        }
        changing(() -> {
            Files.deleteIfExists(file(name)); // first: what is left, should we be ended, is no VM any more
            empty(folder);
            Files.deleteIfExists(folder);
            VmFile.sync(vms);
        });
        return true;
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(folder)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** A name that nobody else can take. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** Holds a name for a while; empty if somebody else does. */
    public Optional<Hold> hold(VmName name) throws IOException {
        PrivateFolder.make(vms);
        Path lock = vms.resolve("." + name + ".lock");
        FileChannel file = FileChannel.open(lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try {
            if (file.tryLock() == null) {
                file.close();
                return Optional.empty();
            }
        } catch (OverlappingFileLockException e) {
            file.close();
            return Optional.empty();
        }
        return Optional.of(() -> release(file));
    }

    /** The file stays: were it removed, one who has it open and one who makes it anew would both hold the name. */
    private static void release(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Change {
        void make() throws IOException;
    }

    private void changing(Change change) throws IOException {
        CHANGING.lock();
        try (FileChannel file = FileChannel.open(
                        vms.resolve(".lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
                FileLock _ = file.lock()) {
            change.make();
        } finally {
            CHANGING.unlock();
        }
    }

    private Path file(VmName name) {
        return folder(name).resolve(VmFile.NAME);
    }
}
