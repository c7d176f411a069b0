package dev.cprkit.vmm;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprExecState;
import dev.cprkit.vmm.machine.Machine;
import dev.cprkit.vmm.machine.MachineBuilder;
import dev.cprkit.vmm.machine.ObjectTree;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.config.AddedFd;
import dev.cprkit.vmm.machine.config.GlobalProperty;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.memory.MemoryException;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.migration.Migration;
import dev.cprkit.vmm.migration.MigrationConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.qmp.DescriptorCommands;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpServer;
import dev.cprkit.vmm.monitor.qtest.QtestBoard;
import dev.cprkit.vmm.monitor.qtest.QtestLog;
import dev.cprkit.vmm.monitor.qtest.QtestServer;
import dev.cprkit.vmm.objects.UserObjects;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.os.HostProcess;
import dev.cprkit.vmm.os.PidFile;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import dev.cprkit.vmm.run.Yank;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run of the emulator: builds the machine, runs its main loop on the calling thread, and cleans up.
 *
 * <p>The order is QEMU's (reference/qemu-cpr.md, section 2.3): what an old process hands over is received before anything
 * is made; then chardevs, memory, board, monitors; then the guest boots, or the main channel is listened on.
 */
final class Emulator {
    private static final long SIGNAL_LIMIT_SECONDS = 10;
    /** The same while there is no machine yet: it may wait for a client of a chardev. */
    private static final long UNBUILT_LIMIT_SECONDS = 1;

    private final MachineConfig config;
    private final Version version;
    private final Consumer<String> complaints;
    private final MachineLock lock = new MachineLock();
    private final MainLoop loop;
    private final FdSets fdSets = new FdSets();
    private final Yank yank = new Yank();
    private final Chardevs chardevs;
    private final CountDownLatch cleaned = new CountDownLatch(1);
    private final WarmUp warmUp = new WarmUp();
    private volatile boolean waiting;
    private volatile boolean built;
    private Optional<Machine> machine = Optional.empty();
    private Optional<RamAllocator> memory = Optional.empty();
    private Optional<PidFile> pidFile = Optional.empty();
    private Optional<MachineBuilder> builder = Optional.empty();
    private Optional<QtestLog> qtestLog = Optional.empty();
    private Optional<QmpServer> server = Optional.empty();

    private Emulator(MachineConfig config, Version version, Consumer<String> complaints) throws ErrnoException {
        this.config = config;
        this.version = version;
        this.complaints = complaints;
        this.loop = new MainLoop(lock, complaints);
        this.chardevs = new Chardevs(loop, () -> end("host-qmp-quit"), fdSets, yank);
    }

    /**
     * Runs the machine until it ends.
     *
     * @param complaints is told each sentence that the user must know
     * @return the process's exit status
     * @throws StartException if it cannot be built or started
     */
    static int run(MachineConfig config, Version version, Consumer<String> complaints) throws StartException {
        try {
            if (config.process().exitWithParent() && !HostProcess.endWithParent()) {
                return 0;
            }
            Emulator emulator = new Emulator(config, version, complaints);
            try {
                emulator.endOnSignal();
                // A guest that the program before this one has left here stands still: there is no time to warm up.
                if (!config.incoming().isEmpty() && !System.getenv().containsKey(CprExecState.VARIABLE)) {
                    emulator.warmUp.begin();
                }
                Incoming incoming = emulator.receive();
                emulator.lock.lock();
                try {
                    if (!emulator.build(incoming)) {
                        return 0;
                    }
                } finally {
                    emulator.lock.unlock();
                }
                emulator.built = true;
                emulator.loop.run();
                return emulator.machine.map(Machine::exitStatus).orElse(0);
            } finally {
                emulator.clean();
            }
        } catch (ErrnoException e) {
            throw new StartException("the host refuses what the emulator needs: " + e.getMessage(), e);
        }
    }

    /** Waits for the old process, if there is one. A signal ends the wait and the process: there is nothing else yet. */
    private Incoming receive() throws StartException {
        waiting = true;
        try {
            return Incoming.receive(config.incoming(), System.getenv(), complaints);
        } catch (CprException e) {
            throw new StartException(e.getMessage(), e);
        } finally {
            waiting = false;
        }
    }

    /** Builds everything and starts it; false if the command line asked for the device tree only. */
    private boolean build(Incoming incoming) throws StartException, ErrnoException {
        try {
            if (config.name().process().isPresent()) {
                HostProcess.name(config.name().process().get());
            }
            addFds();
            for (ChardevConfig chardev : config.chardevs()) {
                chardevs.open(chardev);
                chardevs.terminalPath(chardev.id()).ifPresent(path -> announce(chardev.id(), path));
            }
            QmpRegistry commands = new QmpRegistry();
            QmpServer qmp = new QmpServer(commands, version, loop, InstantSource.system());
            server = Optional.of(qmp);
            RamAllocator allocator =
                    new RamAllocator(incoming.descriptors(), incoming.cpr().isPresent(), fdSets);
            memory = Optional.of(allocator);
            MachineBuilder made = new MachineBuilder(config, lock, loop, chardevs, allocator);
            builder = Optional.of(made);
            if (config.machine().dumpDtb().isPresent()) {
                dump(config.machine().dumpDtb().get(), made.deviceTree());
                return false;
            }
            Machine built = made.machine(qmp, complaints);
            machine = Optional.of(built);
            if (incoming.expected()) {
                built.setRunState(RunState.INMIGRATE);
            }
            DescriptorCommands descriptors = new DescriptorCommands(qmp);
            descriptors.register(commands);
            Migration migration = new Migration(
                    built,
                    migrationConfig(config),
                    uuid(config),
                    incoming.cpr(),
                    new ThisProcess(chardevs, descriptors, fdSets, yank),
                    this::fatal);
            if (config.process().onlyMigratable()) {
                migration.blockers().onlyMigratable();
            }
            built.guard(migration);
            built.powerOn();
            allocator.machineFinished();
            UserObjects objects = new UserObjects(allocator);
            objects.adopt(config);
            QomTree tree = ObjectTree.of(config, objects::nodes, chardevs::nodes);
            Monitors monitors = new Monitors(new Monitors.Parts(
                    commands,
                    qmp,
                    version,
                    built,
                    config,
                    made.facts(built, objects.memoryBackends()),
                    made.inspection(built),
                    migration,
                    chardevs,
                    descriptors,
                    fdSets,
                    objects,
                    tree,
                    yank,
                    complaints));
            objects.openMonitorsBy(monitors::open);
            for (MonitorConfig monitor : config.monitors()) {
                objects.addMonitor(monitor);
            }
            if (config.qtest().chardev().isPresent()) {
                openQtest(config.qtest().chardev().get(), made, tree);
            }
            if (config.process().pidFile().isPresent()) {
                pidFile = Optional.of(PidFile.create(config.process().pidFile().get()));
            }
            warmUp.await();
            incoming.start(migration, built);
            return true;
        } catch (ErrnoException e) {
            throw e;
        } catch (CprException | ChardevException | MemoryException | BootException | IOException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    private void addFds() throws StartException {
        for (AddedFd added : config.addedFds()) {
            try {
                fdSets.add(OptionalLong.of(added.set()), Fds.dup(added.fd()), added.opaque());
                Fds.close(added.fd());
            } catch (ErrnoException e) {
                throw new StartException(
                        "-add-fd fd=" + added.fd() + ",set=" + added.set() + ": fd is not valid or already in use", e);
            }
        }
    }

    private void openQtest(String chardev, MachineBuilder made, QomTree tree) throws ChardevException, IOException {
        QtestLog log = QtestLog.to(config.qtest().log(), complaints);
        qtestLog = Optional.of(log);
        QtestBoard.Devices devices = new TreeDevices(tree, made.irqWires());
        QtestServer.open(chardevs.claim(chardev), new QtestBoard(made.guestMemory(), loop.vmClock(), devices), log);
    }

    static MigrationConfig migrationConfig(MachineConfig config) throws StartException {
        MigrationConfig migration = MigrationConfig.defaults();
        migration.stream().description(!config.machine().suppressVmdesc());
        try {
            for (GlobalProperty global : config.globals()) {
                migration.globals().apply(global.property(), global.value());
            }
            migration.globals().check();
        } catch (QmpError e) {
            throw new StartException(e.getMessage(), e);
        }
        return migration;
    }

    static byte[] uuid(MachineConfig config) {
        return config.uuid()
                .map(uuid -> ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array())
                .orElse(new byte[0]);
    }

    /** Where QEMU's users, and what starts QEMU, look for the terminal's name: on standard output. */
    private static void announce(String id, String path) {
        System.out.println("char device redirected to " + path + " (label " + id + ")");
    }

    private static void dump(Path file, byte[] tree) throws StartException {
        try {
            Files.write(file, tree);
        } catch (IOException e) {
            throw new StartException("cannot write the device tree to '" + file + "': " + e.getMessage(), e);
        }
    }

    private void fatal(String sentence) {
        complaints.accept(sentence);
        machine.ifPresent(built -> built.shutdown("host-error", false, 1));
    }

    private void end(String cause) {
        lock.lock();
        try {
            if (machine.isPresent()) {
                machine.get().shutdown(cause, false, 0);
            } else {
                loop.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /** SIGTERM, SIGINT and SIGHUP end the machine as a monitor does; the process's status is then 0. */
    private void endOnSignal() {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("signal").unstarted(() -> {
            try {
                if (waiting) {
                    Incoming.abandon(config.incoming());
                    Runtime.getRuntime().halt(0);
                }
                // On a thread of its own: whatever holds the main loop up has the lock, and may never give it back.
                Thread.ofPlatform().daemon().name("signal-end").start(() -> end("host-signal"));
                long seconds = built ? SIGNAL_LIMIT_SECONDS : UNBUILT_LIMIT_SECONDS;
                if (!cleaned.await(seconds, TimeUnit.SECONDS)) {
                    complaints.accept("the machine did not end within " + seconds + " s of a signal");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(0);
        }));
    }

    /** Whether the guest ends with this process; else the files behind its memory are, or may be, another one's. */
    private static boolean endsHere(RunState state) {
        return switch (state) {
            case INMIGRATE, FINISH_MIGRATE, POSTMIGRATE -> false;
            case COLO,
                    DEBUG,
                    GUEST_PANICKED,
                    INTERNAL_ERROR,
                    IO_ERROR,
                    PAUSED,
                    PRELAUNCH,
                    RESTORE_VM,
                    RUNNING,
                    SAVE_VM,
                    SHUTDOWN,
                    SUSPENDED,
                    WATCHDOG -> true;
        };
    }

    private void clean() {
        lock.lock();
        try {
            chardevs.close();
            server.ifPresent(QmpServer::close);
            if (machine.isPresent() && endsHere(machine.get().runState())) {
                memory.ifPresent(RamAllocator::discardData);
            }
            pidFile.ifPresent(PidFile::close);
            if (qtestLog.isPresent()) {
                qtestLog.get().close();
            }
            if (builder.isPresent()) {
                builder.get().close();
            }
        } catch (IOException e) {
            complaints.accept("cannot close what the guest used: " + e.getMessage());
        } finally {
            lock.unlock();
            cleaned.countDown();
        }
    }
}
