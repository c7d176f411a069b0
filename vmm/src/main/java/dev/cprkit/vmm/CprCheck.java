package dev.cprkit.vmm;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.cpr.GuestManifest;
import dev.cprkit.vmm.machine.Machine;
import dev.cprkit.vmm.machine.MachineBuilder;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.memory.BackendOptions;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.MemoryException;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.migration.HostingProcess;
import dev.cprkit.vmm.migration.Migration;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks whether a machine could go on with another process's guest, without touching anything: the machine is built on
 * empty memory, leads nowhere and is thrown away. Only a file with a name that is its RAM is opened, and neither read nor
 * written.
 */
final class CprCheck {
    private CprCheck() {}

    /**
     * Reads a {@link GuestManifest} and prints the answer.
     *
     * @return the process's exit status: 0 if the machine could
     */
    static int run(MachineConfig config, InputStream manifest, PrintStream answer) {
        String refusal;
        try {
            refusal = refusal(config, GuestManifest.read(manifest.readAllBytes()));
        } catch (CprException | StartException | ChardevException | MemoryException | BootException | IOException e) {
            refusal = e.getMessage();
        }
        answer.println(GuestManifest.ANSWER + (refusal.isEmpty() ? GuestManifest.ACCEPTED : refusal));
        return refusal.isEmpty() ? 0 : 1;
    }

    private static String refusal(MachineConfig config, GuestManifest manifest)
            throws CprException, StartException, ChardevException, MemoryException, BootException, IOException {
        MachineLock lock = new MachineLock();
        lock.lock();
        try (MainLoop loop = new MainLoop(lock);
                Chardevs chardevs = new Chardevs(loop, () -> {})) {
            for (ChardevConfig chardev : config.chardevs()) {
                chardevs.open(new ChardevConfig.Null(chardev.id(), chardev.options()));
            }
            RamAllocator allocator = new RamAllocator(new CprState(), false);
            try (MachineBuilder builder = new MachineBuilder(apart(config), lock, loop, chardevs, allocator)) {
                Machine machine = builder.machine((event, data) -> {}, complaint -> {});
                Migration migration = new Migration(
                        machine,
                        Emulator.migrationConfig(config),
                        Emulator.uuid(config),
                        Optional.empty(),
                        HostingProcess.BARE,
                        sentence -> {});
                return migration.refusalOf(manifest);
            }
        } catch (ErrnoException e) {
            throw new StartException("the host refuses what the emulator needs: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** The machine with memory of its own wherever the guest's would be handed on. */
    private static MachineConfig apart(MachineConfig config) throws MemoryException {
        List<MemoryBackendConfig> backends = new ArrayList<>();
        for (MemoryBackendConfig backend : config.backends()) {
            backends.add(apart(backend));
        }
        return config.withBackends(backends);
    }

    private static MemoryBackendConfig apart(MemoryBackendConfig backend) throws MemoryException {
        BackendOptions options = backend.options().withoutCost();
        if (backend instanceof MemoryBackendConfig.File file
                && options.share()
                && !Files.isDirectory(Path.of(file.memPath()))) {
            if (!Files.exists(Path.of(file.memPath()))) {
                throw new MemoryException(
                        "can't open backing store " + file.memPath() + " for guest RAM: No such file or directory");
            }
            return new MemoryBackendConfig.File(
                    options, file.memPath(), file.offset(), file.align(), false, file.readOnly(), file.rom(), false);
        }
        return new MemoryBackendConfig.Ram(options);
    }
}
