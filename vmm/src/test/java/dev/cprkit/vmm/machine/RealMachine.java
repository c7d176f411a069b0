package dev.cprkit.vmm.machine;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cli.CommandLine;
import dev.cprkit.vmm.cli.Invocation;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The machine that a command line describes, with its main loop on a thread of its own, powered on and stopped. */
public final class RealMachine implements AutoCloseable {
    private static final long LIMIT = 30_000_000_000L;

    private final MachineLock lock = new MachineLock();
    private final MainLoop loop;
    private final Chardevs chardevs;
    private final MachineBuilder builder;
    private final Machine machine;
    private final Thread thread;
    /** Events, oldest first: the name, and its data in JSON if it has any. */
    public final List<String> events = new CopyOnWriteArrayList<>();
    /** What the user was told. */
    public final List<String> complaints = new CopyOnWriteArrayList<>();

    private RealMachine(MachineConfig config, boolean incoming) throws Exception {
        this.loop = new MainLoop(lock);
        this.chardevs = new Chardevs(loop, () -> {});
        lock.lock();
        try {
            for (ChardevConfig chardev : config.chardevs()) {
                chardevs.open(chardev);
            }
            builder = new MachineBuilder(config, lock, loop, chardevs, new RamAllocator(new CprState(), false));
            machine = builder.machine(
                    (event, data) -> events.add(event + (data.members().isEmpty() ? "" : " " + JsonText.write(data))),
                    complaints::add);
            if (incoming) {
                machine.setRunState(RunState.INMIGRATE);
            }
            machine.powerOn();
        } finally {
            lock.unlock();
        }
        thread = Thread.ofPlatform().daemon().name("main loop").start(() -> {
            try {
                loop.run();
            } catch (Exception e) {
                complaints.add("loop: " + e);
            }
        });
    }

    /** Builds it. */
    public static RealMachine of(String... words) throws Exception {
        return of(false, words);
    }

    /** Builds one into which a guest comes. */
    public static RealMachine incoming(String... words) throws Exception {
        return of(true, words);
    }

    private static RealMachine of(boolean incoming, String... words) throws Exception {
        Invocation.Run run = (Invocation.Run) CommandLine.parse(List.of(words), "test");
        return new RealMachine(run.config(), incoming);
    }

    /** The machine; touch it by {@link #on}. */
    public Machine machine() {
        return machine;
    }

    /** The board; touch it by {@link #on}. */
    public Board board() {
        return builder.board();
    }

    /** The device tree's bytes, as text. */
    public String deviceTree() {
        return new String(builder.deviceTree(), StandardCharsets.ISO_8859_1);
    }

    /** The main loop. */
    public MainLoop loop() {
        return loop;
    }

    /** Runs an action on the loop's thread and returns what it returns. */
    public <R> R on(Callable<R> action) throws Exception {
        FutureTask<R> task = new FutureTask<>(action);
        loop.post(task);
        return task.get(LIMIT, TimeUnit.NANOSECONDS);
    }

    /** Waits until the condition holds. */
    public void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what + "; events " + events + ", state "
                        + machine.runState() + ", complaints " + complaints);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Waits for an event whose text begins so. */
    public void awaitEvent(String beginning) {
        await("event " + beginning, () -> events.stream().anyMatch(event -> event.startsWith(beginning)));
    }

    /** Whether the loop has ended, as it does when the machine is switched off. */
    public boolean ended() {
        return !thread.isAlive();
    }

    @Override
    public void close() throws IOException {
        machine.shutdown("test", false, 0);
        await("the main loop to end", this::ended);
        chardevs.close();
        builder.close();
        loop.close();
    }
}
