package dev.cprkit.vmm.migration;

import static dev.cprkit.proto.qapi.MigrationStatus.ACTIVE;
import static dev.cprkit.proto.qapi.MigrationStatus.COMPLETED;
import static dev.cprkit.proto.qapi.MigrationStatus.FAILED;
import static dev.cprkit.proto.qapi.MigrationStatus.NONE;
import static dev.cprkit.proto.qapi.MigrationStatus.SETUP;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.channel.IncomingChannel;
import dev.cprkit.vmm.migration.channel.IncomingListener;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.migration.ram.DescriptorFile;
import dev.cprkit.vmm.migration.ram.PageFile;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.RunStates;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A migration into this process: listen, take the one connection, load the stream, take the guest, let it run
 * (reference/qemu-cpr.md, section 2.3, steps 9 to 19). Until the guest is taken, no RAM is written that the old process
 * has too; if anything fails before that, the guest never runs here.
 *
 * <p>Main loop's thread. Guest RAM that is in the stream is loaded by a thread of its own, which may take as long as the
 * old process's guest runs. The devices' load blocks the main loop, from the first one to the end: the old process sends a
 * device state whole, so that is some hundred microseconds, and at most the limit of {@link MigrationLimits#stall}. So
 * does all of a stream without RAM, whose guest is stopped from its first byte on.
 */
final class IncomingMigration {
    private static final int REHEARSALS = 300;
    private static final long REHEARSAL_TIME = 150_000_000;
    private static final long AFTER_RESUME = 100_000;
    private static final long LOOK_AGAIN = 1_000_000;

    private final MigrationSetup setup;
    private final MigrationProgress progress;
    private final Optional<CprListener> cpr;
    private final Optional<Ownership> ownership;
    private final PauseTimeline timeline;
    private final Consumer<String> fatal;
    private final Clock.Timer limit;
    private Optional<IncomingListener> listener = Optional.empty();
    private StreamContent content;
    private EventLoop.Watch watch;
    private boolean started;
    private boolean exitOnError = true;
    private boolean returnPath;
    private IncomingChannel channel;
    private Optional<YankedSocket> yanked = Optional.empty();

    IncomingMigration(
            MigrationSetup setup,
            MigrationProgress progress,
            Optional<CprListener> cpr,
            Optional<Ownership> ownership,
            PauseTimeline timeline,
            Consumer<String> fatal) {
        this.setup = setup;
        this.progress = progress;
        this.cpr = cpr;
        this.ownership = ownership;
        this.timeline = timeline;
        this.fatal = fatal;
        this.limit = setup.machine()
                .loop()
                .hostClock()
                .timer(() -> fail("the old process did not connect within "
                        + setup.limits().mainConnection() / 1_000_000_000L + " s"));
    }

    MigrationProgress progress() {
        return progress;
    }

    /** Where it listens, if it does, or did until the connection came. */
    Optional<SocketAddress> listensAt() {
        return listener.map(IncomingListener::bound);
    }

    /** Refuses a second guest, and a guest that nobody has prepared for; before the address is looked at. */
    void checkWanted() throws QmpError {
        if (started) {
            throw QmpError.generic("The incoming migration has already been started");
        }
        if (setup.machine().runState() != RunState.INMIGRATE) {
            throw QmpError.generic("'-incoming' was not specified on the command line");
        }
    }

    /** Listens at the address, and tells the old process so. */
    void start(MigrationAddress address, boolean exits) throws QmpError {
        checkWanted();
        Channels.checkTransport(address, setup.parameters(), setup.capabilities());
        if (progress.status() != NONE) {
            throw QmpError.generic(
                    "Illegal migration incoming state: " + progress.status().qapiName());
        }
        exitOnError = exits;
        progress.set(SETUP);
        yanked = Optional.of(new YankedSocket(setup.process().yank()));
        content = setup.content(cpr.isEmpty());
        boolean waits = cpr.isPresent() && cpr.get().oldGuestRuns();
        if (waits || address instanceof MigrationAddress.Socket) {
            boolean ignored = Rehearsal.ofLoad(setup.content(false)).run(REHEARSALS, REHEARSAL_TIME);
        }
        try {
            listener = IncomingListener.open(address, setup.host(), new IncomingListener.Listener() {
                @Override
                public void accepted(IncomingChannel connection) {
                    IncomingMigration.this.accepted(connection);
                }

                @Override
                public void failed(String reason) {
                    fail(reason);
                }
            });
            started = true;
        } catch (MigrationFailure e) {
            progress.error(e.getMessage());
            yanked.ifPresent(YankedSocket::close);
            throw QmpError.generic(e.getMessage());
        } finally {
            timeline.pass(Checkpoint.LISTENING);
            cpr.ifPresent(CprListener::hangUp); // even if listening failed: the old process must not wait
        }
        if (waits) {
            Clock clock = setup.machine().loop().hostClock();
            limit.arm(clock.now() + setup.limits().mainConnection());
        }
    }

    private void accepted(IncomingChannel connection) {
        timeline.pass(Checkpoint.MAIN_ACCEPTED);
        channel = connection;
        yanked.orElseThrow().open(connection.returnPath());
        content = setup.content(cpr.isEmpty()); // capabilities may have been set while it listened
        watch = setup.machine().loop().watch(channel.fd(), EventLoop.READABLE, ready -> readable());
    }

    /** The first bytes are there. If RAM stays where it is, the old process has stopped the guest. */
    private void readable() {
        watch.close();
        limit.cancel();
        timeline.pass(Checkpoint.MAGIC_SEEN);
        if (cpr.isPresent()) {
            StateInput in = StateInput.from(channel.source(setup.limits().stall()));
            StreamReader reader = new StreamReader(content, in, new Answers(), timeline, Optional.empty());
            load(reader, in, attempt(() -> {
                checkMagic(in);
                progress.set(ACTIVE);
                reader.loadRam();
            }));
            return;
        }
        PatientSource source = new PatientSource(
                channel.source(PatientSource.FOR_EVER),
                channel.source(setup.limits().stall()));
        StateInput in = StateInput.from(source);
        Optional<PageFile> file =
                channel.returnPath().isPresent() ? Optional.empty() : Optional.of(new DescriptorFile(channel.fd()));
        StreamReader reader = new StreamReader(content, in, new Answers(), timeline, file);
        EventLoop loop = setup.machine().loop();
        Runnable body = () -> {
            String problem = attempt(() -> {
                checkMagic(in);
                loop.post(() -> progress.set(ACTIVE));
                reader.loadRam();
            });
            source.loseThePatience();
            loop.post(() -> load(reader, in, problem));
        };
        Thread.ofPlatform().daemon().name("mig/dst/main").start(body);
    }

    /** RAM has been loaded, unless there was a problem; loads the rest. */
    private void load(StreamReader reader, StateInput in, String problemOfRam) {
        String problem = problemOfRam.isEmpty() ? attempt(reader::loadRest) : problemOfRam;
        if (!problem.isEmpty()) {
            fail("load of migration failed: " + problem);
            return;
        }
        timeline.pass(Checkpoint.DEVICES_LOADED);
        RunState was = content.globalState().received();
        if (!was.isLive() && !RunStates.allowed(RunState.INMIGRATE, was)) {
            fail("load of migration failed: the guest was in run state '" + was.qapiName()
                    + "' in the old process, which cannot be taken over");
        } else if (ownership.isPresent() && !ownership.get().take()) {
            fail("load of migration failed: the old process has taken the guest back, or never gave it away: it runs"
                    + " there");
        } else {
            take(was, in);
        }
    }

    /** Part of the load. */
    @FunctionalInterface
    private interface Part {
        void load() throws StateException, IOException, MigrationFailure;
    }

    private static void checkMagic(StateInput in) throws IOException, MigrationFailure {
        if (in.peek(3) < 0) {
            throw new MigrationFailure("Failed to peek at channel");
        }
        int magic = in.peek(0) << 24 | in.peek(1) << 16 | in.peek(2) << 8 | in.peek(3);
        if (magic != StreamFormat.MAGIC) {
            throw new MigrationFailure("unknown channel magic: " + Integer.toUnsignedString(magic));
        }
    }

    /** Says what went wrong, or nothing. */
    private static String attempt(Part part) {
        try {
            part.load();
            return "";
        } catch (MigrationFailure e) {
            return e.getMessage();
        } catch (StateException e) {
            return Errno.text(Errno.EINVAL) + ": " + e.getMessage();
        } catch (IOException e) {
            return Errno.text(Errno.EIO) + ": " + e.getMessage();
        } catch (RuntimeException e) {
            // A device that chokes on a value no honest stream has: an error of the stream, not of the process.
            return Errno.text(Errno.EINVAL) + ": a device refused a value in the stream: " + e;
        } catch (InternalError e) {
            return Errno.text(Errno.EIO) + ": guest RAM cannot be written: the file behind it is too short";
        }
    }

    /** Everything is loaded, and this process owns the guest. */
    private void take(RunState was, StateInput in) {
        timeline.pass(Checkpoint.OWNERSHIP_TAKEN);
        letGo(was);
        // The vCPU's thread needs the machine lock once before its first instruction, and the loop gives it away only
        // when it waits: so everything else happens after a wait, however short.
        Clock clock = setup.machine().loop().hostClock();
        clock.timer(() -> conclude(in)).arm(clock.now() + AFTER_RESUME);
    }

    /** Says on all sides that it is done, and reads what is left of the stream. */
    private void conclude(StateInput in) {
        progress.set(COMPLETED);
        if (returnPath) {
            answer(StreamFormat.RP_SHUT, 0);
        }
        StreamTail.drain(
                setup.machine().loop(), channel.fd(), in, setup.limits().description(), this::close);
    }

    /** The table of reference/qemu-cpr.md, section 2.3: what becomes of a guest that was in that state. */
    private void letGo(RunState was) {
        VirtualMachine machine = setup.machine();
        machine.wasSuspended(content.globalState().wasSuspended());
        if (!was.isLive()) {
            machine.setRunState(was);
        } else if (!machine.autostart()) {
            machine.setRunState(RunState.PAUSED);
        } else if (was == RunState.SUSPENDED) {
            machine.resumeAfterMigration();
        } else {
            timeline.pass(Checkpoint.RESUME_BEGIN);
            machine.resumeAfterMigration();
            watchFirstInstruction();
        }
    }

    /** The vCPU's thread stamps its first instruction some microseconds from now; it is noted as soon as it is there. */
    private void watchFirstInstruction() {
        Clock clock = setup.machine().loop().hostClock();
        Clock.Timer[] again = new Clock.Timer[1];
        again[0] = clock.timer(() -> {
            if (!noteFirstInstruction()) {
                again[0].arm(clock.now() + LOOK_AGAIN);
            }
        });
        again[0].arm(clock.now() + AFTER_RESUME);
    }

    /** Whether the guest has run here since it was let go; then that is in the timeline. */
    boolean noteFirstInstruction() {
        long resumed = timeline.at(Checkpoint.RESUME_BEGIN).orElse(Long.MAX_VALUE);
        long first = setup.machine().firstGuestInstruction();
        if (first < resumed) {
            return setup.machine().runState() != RunState.RUNNING;
        }
        timeline.pass(Checkpoint.FIRST_GUEST_INSTRUCTION, first);
        return true;
    }

    private void fail(String reason) {
        progress.error(reason);
        progress.set(FAILED);
        if (returnPath) {
            answer(StreamFormat.RP_SHUT, 1);
        }
        close();
        if (exitOnError) {
            fatal.accept(reason);
        }
    }

    private void close() {
        yanked.ifPresent(YankedSocket::close);
        limit.cancel();
        listener.ifPresent(IncomingListener::close);
        if (watch != null) {
            watch.close();
        }
        if (channel != null) {
            channel.close();
        }
    }

    private void answer(int type, int value) {
        byte[] message = {
            0, (byte) type, 0, 4, (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
        };
        if (channel.returnPath().isEmpty()) {
            return; // the old process cannot be answered, and does not wait for it
        }
        try {
            int sent = SocketMessages.trySend(channel.returnPath().getAsInt(), message, 0, message.length);
            assert sent == message.length || sent < 0;
        } catch (ErrnoException e) {
            progress.error("return path: " + e.text());
        }
    }

    private final class Answers implements StreamReader.ReturnPath {
        @Override
        public void open() {
            returnPath = true;
        }

        @Override
        public void pong(int value) {
            answer(StreamFormat.RP_PONG, value);
        }
    }
}
