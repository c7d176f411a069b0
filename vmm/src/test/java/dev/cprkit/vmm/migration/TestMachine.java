package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.machine.ResumeGuard;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.os.SharedPage;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import dev.cprkit.vmm.run.RunStates;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A machine with a page of RAM, a device with a counter, and a guest: a thread that counts in RAM while it runs, and
 * notices when somebody else counts there too. Its main loop is the real one.
 */
final class TestMachine implements VirtualMachine, AutoCloseable {
    static final long SECOND = 1_000_000_000L;
    private static final String RAM = "mach.ram";

    /** What the constructor may change. */
    static final class Options {
        String type = "virt";
        String ramName = RAM;
        long size = 4096;
        boolean autostart = true;
        boolean incoming;
        int deviceVersion = 1;
        int padding;
        /** Pages of a second block, which nobody writes. */
        int ballast;
        /** What this build of the device declares besides. */
        Consumer<VmState.Builder<TestMachine>> device = builder -> {};

        HostingProcess process = HostingProcess.BARE;
        StateException saveFails;
        /** Saving it ends in a mistake. */
        boolean saveChokes;

        StateException loadFails;
        MigrationLimits limits = new MigrationLimits(
                5 * SECOND,
                20 * SECOND,
                20 * SECOND,
                5 * SECOND,
                5 * SECOND,
                20 * SECOND,
                20 * SECOND,
                5 * SECOND,
                5 * SECOND);
    }

    private final Options options;
    private final MachineLock lock = new MachineLock();
    private final MainLoop loop;
    private final Thread thread;
    private final Thread guest;
    private final RunStates states = new RunStates();
    private final SharedPage ram;
    private final VmState<TestMachine> device;
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<String> fatal = new CopyOnWriteArrayList<>();
    final List<ResumeGuard> guards = new ArrayList<>();
    final MigrationConfig config;
    final QmpRegistry qmp = new QmpRegistry();
    private final DirtyLog dirtyLog = new DirtyLog();
    private final ReentrantLock guestAtWork = new ReentrantLock();
    private volatile RamBlock block;
    private final Arena arena = Arena.ofShared();
    private final RamBlock ballast;
    private byte[] padding;
    private boolean autostart;
    private volatile boolean wanted;
    private volatile boolean executing;
    private volatile boolean ended;
    private volatile boolean intruder;
    private volatile long first;
    private volatile long last;
    long counter;
    /** Slept when it was stopped. */
    boolean asleep;

    /** What newer builds of the device have. */
    long extra;

    Migration migration;

    TestMachine(Options options, Optional<CprListener> cpr) throws Exception {
        this.options = options;
        MigrationParameters parameters = new MigrationParameters();
        this.config = new MigrationConfig(
                parameters, new MigrationCapabilities(parameters), new StreamOptions(), options.limits);
        this.loop = new MainLoop(lock);
        this.autostart = options.autostart;
        this.padding = new byte[options.padding];
        VmState.Builder<TestMachine> builder = VmState.of("counter", options.deviceVersion);
        builder.minimum(1)
                .u64("counter", m -> m.counter, (m, v) -> m.counter = v)
                .u32("length", m -> m.padding.length, (m, v) -> m.padding = new byte[(int) v])
                .varBuffer("padding", m -> m.padding.length, m -> m.padding, (m, v) -> m.padding = v)
                .preSave(m -> {
                    if (options.saveFails != null) {
                        throw options.saveFails;
                    }
                    if (options.saveChokes && states.current() == RunState.FINISH_MIGRATE) {
                        throw new IllegalArgumentException("choked");
                    }
                })
                .postLoad((m, version) -> {
                    if (options.loadFails != null) {
                        throw options.loadFails;
                    }
                });
        options.device.accept(builder);
        this.device = builder.build();
        OptionalInt fd = cpr.isPresent() ? cpr.get().state().take(options.ramName, 0) : OptionalInt.empty();
        this.ram = fd.isPresent() ? SharedPage.map(fd.getAsInt()) : SharedPage.create(options.ramName);
        block = block(true);
        long size = 4096L * Math.max(1, options.ballast);
        ballast = new RamBlock("ballast", arena.allocate(size, 4096).address(), size, -1, false, false, "test");
        dirtyLog.restsBy(this::rest);
        config.capabilities().set(MigrationCapability.EVENTS, true);
        if (options.incoming) {
            states.set(RunState.INMIGRATE);
        }
        this.thread = Thread.ofPlatform().daemon().name("main loop").unstarted(this::turn);
        this.guest = Thread.ofPlatform().daemon().name("guest").start(this::execute);
        migration = new Migration(this, config, new byte[0], cpr, options.process, fatal::add);
        guards.add(migration);
        MigrationQmp.register(qmp, migration);
        thread.start();
    }

    private RamBlock block(boolean shared) {
        return new RamBlock(
                options.ramName, ram.address(), options.size, ram.fd(), shared, false, "memory-backend-memfd");
    }

    private void turn() {
        try {
            loop.run();
        } catch (Exception e) {
            fatal.add("loop: " + e);
        }
    }

    /** The guest: counts in RAM, one more than it found; two guests in one RAM lose counts and are found out. */
    private void execute() {
        boolean ran = false;
        while (!ended) {
            if (wanted) {
                executing = true;
                if (!wanted) {
                    continue;
                }
                if (!ran) {
                    first = System.nanoTime();
                    ran = true;
                }
                long seen = HostMemory.getLongVolatile(ram.address());
                LockSupport.parkNanos(20_000);
                count(seen);
            } else {
                if (executing) {
                    last = System.nanoTime();
                    executing = false;
                }
                ran = false;
                LockSupport.parkNanos(20_000);
            }
        }
        executing = false;
    }

    private void count(long seen) {
        guestAtWork.lock();
        try {
            dirtyLog.mark(block, 0, 8);
            if (!HostMemory.compareAndSetLong(ram.address(), seen, seen + 1)) {
                intruder = true;
            }
        } finally {
            guestAtWork.unlock();
        }
    }

    private void rest(Runnable task) {
        guestAtWork.lock();
        try {
            task.run();
        } finally {
            guestAtWork.unlock();
        }
    }

    @Override
    public DirtyLog dirtyLog() {
        return dirtyLog;
    }

    /** From here on its RAM cannot be handed over. */
    void privateRam() {
        block = block(false);
    }

    boolean sawIntruder() {
        return intruder;
    }

    long ramCounter() {
        return HostMemory.getLongVolatile(ram.address());
    }

    /** Runs on the main loop's thread, and waits. */
    <T> T on(Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(action);
        loop.post(task);
        return task.get(20, TimeUnit.SECONDS);
    }

    /** Executes a QMP command. */
    JsonValue command(String name, JsonObject arguments) throws Exception {
        return on(() -> qmp.find(name).orElseThrow().execute(new QmpArguments(arguments)));
    }

    /** The error text of a command that must fail. */
    String refusal(String name, JsonObject arguments) throws Exception {
        return on(() -> {
            try {
                return "no error but " + qmp.find(name).orElseThrow().execute(new QmpArguments(arguments));
            } catch (QmpError e) {
                return e.getMessage();
            }
        });
    }

    void mode(String mode) throws Exception {
        command("migrate-set-parameters", new JsonObject().put("mode", mode));
    }

    void capability(MigrationCapability capability) throws Exception {
        on(() -> {
            config.capabilities().set(capability, true);
            return 0;
        });
    }

    String status() throws Exception {
        return command("query-migrate", new JsonObject()) instanceof JsonObject info
                        && info.members().get("status") instanceof JsonString(String status)
                ? status
                : "";
    }

    String errorDesc() throws Exception {
        return command("query-migrate", new JsonObject()) instanceof JsonObject info
                        && info.members().get("error-desc") instanceof JsonString(String text)
                ? text
                : "";
    }

    void start() throws Exception {
        on(() -> {
            resume();
            return 0;
        });
    }

    void awaitStatus(String status) throws Exception {
        await("status " + status, () -> {
            try {
                return status().equals(status);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    void awaitProgress() {
        long before = ramCounter();
        await("the guest to count", () -> ramCounter() > before + 3);
    }

    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20 * SECOND) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(200_000);
        }
    }

    static MigrationChannel unix(MigrationChannel.Type type, String path) {
        return new MigrationChannel(type, new MigrationAddress.Socket(new SocketAddress.Unix(path)));
    }

    @Override
    public String machineType() {
        return options.type;
    }

    @Override
    public RunState runState() {
        return states.current();
    }

    @Override
    public void setRunState(RunState next) {
        states.set(next);
    }

    @Override
    public void stop(RunState next) {
        RunState from = states.current();
        if (from == RunState.INMIGRATE) {
            autostart = false;
        } else if (from.isLive()) {
            wanted = false;
            await("the guest to stop", () -> !executing);
            loop.vmClock().stop();
            states.set(next);
            events.add("STOP");
        } else if (next != RunState.PAUSED) {
            states.set(next);
        }
    }

    @Override
    public void resume() throws CannotResume {
        if (states.current() == RunState.INMIGRATE) {
            autostart = true;
        } else if (states.current() != RunState.RUNNING) {
            for (ResumeGuard guard : guards) {
                guard.beforeTouchingGuest(states.current());
            }
            resumeAfterMigration();
        }
    }

    @Override
    public void resumeAfterMigration() {
        events.add("RESUME");
        loop.vmClock().start();
        states.set(RunState.RUNNING);
        wanted = true;
    }

    @Override
    public boolean wasSuspended() {
        return asleep;
    }

    @Override
    public void wasSuspended(boolean slept) {
        asleep = slept;
    }

    @Override
    public boolean autostart() {
        return autostart;
    }

    @Override
    public void reset(String cause, boolean byGuest) throws CannotResume {
        for (ResumeGuard guard : guards) {
            guard.beforeTouchingGuest(states.current());
        }
    }

    @Override
    public void shutdown(String cause, boolean byGuest, int exitStatus) {
        loop.end();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(loop.vmClock().section(), Section.of(device, 0, this));
    }

    @Override
    public List<RamBlock> ramBlocks() {
        if (options.ballast == 0) {
            return List.of(block);
        }
        return List.of(block, ballast);
    }

    @Override
    public Clock clock() {
        return loop.vmClock();
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public EventSink events() {
        return (event, data) -> events.add(event + describe(data));
    }

    private static String describe(JsonObject data) {
        return switch (data.members().get("status")) {
            case JsonString(String status) -> " " + status;
            case null -> data.members().isEmpty() ? "" : " 2";
            default -> " " + data;
        };
    }

    @Override
    public long lastGuestInstruction() {
        return last;
    }

    @Override
    public long firstGuestInstruction() {
        return first;
    }

    @Override
    public void close() {
        wanted = false;
        ended = true;
        loop.post(loop::end);
        await("the threads to end", () -> !guest.isAlive() && !thread.isAlive());
        loop.close();
        arena.close();
        ram.close();
    }
}
