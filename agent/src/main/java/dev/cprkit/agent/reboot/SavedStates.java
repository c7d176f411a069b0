package dev.cprkit.agent.reboot;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.vm.NamedFolders;
import dev.cprkit.agent.vm.VmName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of saved VMs, {@link Home#saved}: one folder for each, with its state and its manifest. A folder has a VM's
 * name exactly as long as that VM can be restored from it: it gets the name when all of it is on the disk, and loses it
 * before the guest runs again. Any thread may call; for one VM at a time, which its operation sees to.
 */
public final class SavedStates {
    /** The guest's state, in a VM's folder. */
    public static final String STATE = "state";

    private static final String MANIFEST = "manifest.json";

    private final Path folder;
    private final Disk disk;

    /** Makes a name durable. */
    interface Disk {
        void sync(Path path) throws IOException;
    }

    public SavedStates(Home home) {
        this(home, SavedStates::sync);
    }

    SavedStates(Home home, Disk disk) {
        this.folder = home.saved();
        this.disk = disk;
    }

    /** All saved VMs in the order in which they are to be restored; a damaged one is named, and hides no other. */
    public NamedFolders.Listing<SavedVm> list() throws IOException {
        Comparator<SavedVm> order = Comparator.comparingInt(SavedVm::order);
        return NamedFolders.list(
                folder, this::find, order.thenComparing(vm -> vm.record().name()));
    }

    /** A saved VM; throws with a sentence if its manifest cannot be used. */
    public Optional<SavedVm> find(VmName name) throws IOException {
        return read(of(name));
    }

    /** One that is being restored, and was not seen to its end. */
    public Optional<SavedVm> consumed(VmName name) throws IOException {
        return read(consumedOf(name));
    }

    private static Optional<SavedVm> read(Path where) throws IOException {
        Path file = where.resolve(MANIFEST);
        try {
            return Optional.of(Manifest.of(Files.readString(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IOException("the manifest " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Where a VM's saved state is, if it has one. */
    public Path of(VmName name) {
        return folder.resolve(name.text());
    }

    /** Where it is while its guest is let go on. */
    public Path consumedOf(VmName name) {
        return folder.resolve("." + name + ".restored");
    }

    /** What comes after all that are there. */
    public int nextOrder() throws IOException {
        List<SavedVm> there = list().vms();
        return there.isEmpty() ? 1 : there.getLast().order() + 1;
    }

    /**
     * Makes a saved VM of a folder that has the state already: writes the manifest, and gives the folder its name when all of
     * it is on the disk.
     */
    public void keep(Path from, SavedVm vm) throws IOException {
        Path to = of(vm.record().name());
        if (Files.exists(to)) {
            throw new IOException("there is a saved state of " + vm.record().name() + " already, in " + to);
        }
        Path fresh = from.resolve(MANIFEST + ".new");
        Files.writeString(fresh, Manifest.text(vm), StandardCharsets.UTF_8);
        sync(fresh);
        Files.move(fresh, from.resolve(MANIFEST), StandardCopyOption.ATOMIC_MOVE);
        sync(from.resolve(STATE));
        sync(from);
        rename(from, to);
    }

    /**
     * Takes its name from a saved VM whose guest is about to run: it cannot be restored a second time. What an earlier
     * restore left, which nobody saw to its end, is older than this one and goes.
     */
    public void consume(VmName name) throws IOException {
        remove(consumedOf(name));
        rename(of(name), consumedOf(name));
    }

    /** Durably, or not at all: whoever is told that it failed goes on as if nothing had been renamed. */
    private void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        try {
            disk.sync(folder);
        } catch (IOException e) {
            Files.move(to, from, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
    }

    /** Removes a folder of one VM, with what is in it. */
    public void remove(Path one) throws IOException {
        if (!Files.isDirectory(one)) {
            return;
        }
        try (Stream<Path> files = Files.walk(one)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
        sync(folder);
    }

    /** Flushes a file, or a folder's entries (fsync(2)). */
    public static void sync(Path path) throws IOException {
        StandardOpenOption how = Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }
}
