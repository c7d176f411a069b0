package dev.cprkit.vmm.migration;

import static dev.cprkit.proto.qapi.MigrationStatus.ACTIVE;
import static dev.cprkit.proto.qapi.MigrationStatus.CANCELLED;
import static dev.cprkit.proto.qapi.MigrationStatus.CANCELLING;
import static dev.cprkit.proto.qapi.MigrationStatus.COMPLETED;
import static dev.cprkit.proto.qapi.MigrationStatus.DEVICE;
import static dev.cprkit.proto.qapi.MigrationStatus.FAILED;
import static dev.cprkit.proto.qapi.MigrationStatus.FAILING;
import static dev.cprkit.proto.qapi.MigrationStatus.PRE_SWITCHOVER;
import static dev.cprkit.proto.qapi.MigrationStatus.SETUP;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.migration.channel.MainConnector;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.migration.channel.OutgoingChannel;
import dev.cprkit.vmm.migration.ram.RamStatistics;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.state.StateException;
import java.util.Optional;

/**
 * One migration out of this process, from {@code setup} to its end (reference/qemu-cpr.md, sections 2.2, 2.3 and 5).
 *
 * <p>It is a state machine on the main loop: each step starts something that reports back, with a time limit, and nothing
 * ever blocks the loop.
 *
 * <pre>
 *   PREPARING --connect--> CONNECTING --connected--> [COPYING] --> [PARKED] --> SENDING --sent--> VERDICT --> ENDED
 *                                 guest stops here, or  --> here    any step --fail, cancel--> ENDED, guest runs on
 *                                                                                   ENDED --stay--> guest runs on
 * </pre>
 *
 * <p>A new process that has joined the ownership record is believed by the record alone: whatever the connection does
 * after the state was saved, the guest runs there if the new process has taken it, and here if this one can take it back.
 * A new process that has not (QEMU) is believed by QEMU's rules: its verdict on the return path, or else, that a stream
 * which was sent whole has arrived.
 */
final class OutgoingMigration {
    /** Accepting takes a JVM that has not done it before some milliseconds. */
    private static final long ACCEPTANCE_NANOS = 5_000_000;

    private enum Step {
        /** The mode gets the new process ready; the guest runs. */
        PREPARING,
        /** The main channel is being connected; the guest runs. */
        CONNECTING,
        /** RAM is on its way; the guest runs, unless the mode stops it first. */
        COPYING,
        /** Capability pause-before-switchover: the guest is stopped until {@code migrate-continue}. */
        PARKED,
        /** The stream is on its way; the guest is stopped. */
        SENDING,
        /** The new process loads; the guest is stopped here. */
        VERDICT,
        /** It is over. */
        ENDED
    }

    private final MigrationSetup setup;
    private final MigrationProgress progress;
    private final MigrationMode mode;
    private final Channels channels;
    private final long generation;
    private final PauseTimeline timeline = new PauseTimeline(true);
    private final MigrationTimes times = new MigrationTimes();
    private final DepartingGuest guest;
    private final Handover handover = new Handover(timeline);
    private final Clock.Timer limit;
    private final Clock.Timer acceptance;
    private StreamContent content;
    private Step step = Step.PREPARING;
    private MainConnector connector;
    private OutgoingChannel channel;
    private Optional<YankedSocket> yanked = Optional.empty();
    private Optional<OutgoingRam> ram = Optional.empty();
    private Optional<SpareTime> spareTime = Optional.empty();
    private Optional<Verdict> verdict = Optional.empty();
    private boolean whole;
    private String limitReason = "";

    OutgoingMigration(
            MigrationSetup setup, MigrationProgress progress, MigrationMode mode, Channels channels, long generation) {
        this.setup = setup;
        this.progress = progress;
        this.mode = mode;
        this.channels = channels;
        this.generation = generation;
        this.guest = new DepartingGuest(setup.machine());
        this.limit = setup.machine().loop().hostClock().timer(this::expired);
        this.acceptance = setup.machine().loop().hostClock().timer(this::opened);
    }

    MigrationSetup setup() {
        return setup;
    }

    PauseTimeline timeline() {
        return timeline;
    }

    MigrationTimes times() {
        return times;
    }

    /** What is going to be sent. */
    StreamContent content() {
        return content;
    }

    /** For how many percent of the time the guest is kept from running, so that it can be caught up with. */
    int throttled() {
        return ram.map(OutgoingRam::throttled).orElse(0);
    }

    /** Starts; the status becomes {@code setup}. */
    void begin() throws MigrationFailure {
        timeline.pass(Checkpoint.MIGRATE_RECEIVED);
        progress.reset();
        progress.set(SETUP);
        times.started();
        content = setup.content(mode.copiesRam());
        try {
            mode.begin(this, channels);
        } catch (MigrationFailure e) {
            fail(e.getMessage());
            throw e;
        }
    }

    /** Who has the guest. */
    Handover handover() {
        return handover;
    }

    /** Makes the record of who owns the guest for this attempt. */
    Ownership beginOwnership() throws MigrationFailure {
        return handover.begin(generation);
    }

    /**
     * The other end is ready: opens the main channel.
     *
     * @throws MigrationFailure if it is clear at once that it cannot be opened; the caller fails the migration
     */
    void connect() throws MigrationFailure {
        step = Step.CONNECTING;
        yanked = Optional.of(new YankedSocket(setup.process().yank()));
        MigrationLimits limits = setup.limits();
        connector = MainConnector.start(
                channels.main(),
                mode.durable(),
                new MainConnector.Limits(limits.connect(), limits.send(), limits.verdict()),
                setup.host(),
                new MainConnector.Listener() {
                    @Override
                    public void connected(OutgoingChannel connected) {
                        channel = connected;
                        yanked.orElseThrow().open(connected.returnPath());
                        if (mode.awaitsAcceptance()) {
                            awaitAcceptance();
                        } else {
                            opened();
                        }
                    }

                    @Override
                    public void failed(String reason) {
                        fail(reason);
                    }
                });
    }

    /**
     * Gives the new process the time to accept the connection while the guest still runs: it has nothing to do then but
     * to read, when the guest has been stopped.
     */
    private void awaitAcceptance() {
        acceptance.arm(setup.machine().loop().hostClock().now() + ACCEPTANCE_NANOS);
    }

    /** The main channel is there. */
    private void opened() {
        timeline.pass(Checkpoint.MAIN_CONNECTED);
        try {
            setup.notifiers().setup(mode.mode());
        } catch (MigrationFailure e) {
            fail(e.getMessage());
            return;
        }
        mode.beforeStop(this, this::begun);
    }

    /** Nothing is left to be done before the stream begins. */
    private void begun() {
        if (mode.stopsFirst() && !stopGuest()) {
            return;
        }
        if (mode.copiesRam()) {
            copyRam();
            return;
        }
        RamStatistics none = new RamStatistics(0);
        none.synced(2, 0);
        times.ram(none);
        progress.set(ACTIVE);
        times.setupDone();
        progress.event("MIGRATION_PASS", new JsonObject().put("pass", 2));
        parkOrSave();
    }

    /** Stops the guest. From here on every end must either move it or let it run again. False if it has ended. */
    private boolean stopGuest() {
        times.stopped();
        if (!guest.stop(timeline)) {
            fail("the guest switched itself off");
            return false;
        }
        return true;
    }

    private void copyRam() {
        step = Step.COPYING;
        try {
            OutgoingRam copied = new OutgoingRam(setup, content, channel, new OutgoingRam.Listener() {
                @Override
                public void begun() {
                    progress.set(ACTIVE);
                    times.setupDone();
                }

                @Override
                public void pass(int number) {
                    progress.event("MIGRATION_PASS", new JsonObject().put("pass", number));
                }

                @Override
                public void converged() {
                    spareTime.ifPresent(SpareTime::end);
                    if (guest.isStopped() || stopGuest()) {
                        parkOrSave();
                    }
                }

                @Override
                public void sent() {
                    sendDevices();
                }

                @Override
                public void failed(String reason) {
                    fail(reason);
                }
            });
            ram = Optional.of(copied);
            times.ram(copied.statistics());
            copied.begin();
            if (!guest.isStopped()) {
                spareTime = Optional.of(SpareTime.begin(setup.machine().loop().hostClock(), setup.content(false)));
            }
        } catch (MigrationFailure e) {
            fail(e.getMessage());
        }
    }

    /** Parameters have other values now. */
    void parametersChanged() {
        ram.ifPresent(OutgoingRam::parametersChanged);
    }

    private void parkOrSave() {
        if (setup.capabilities().has(MigrationCapability.PAUSE_BEFORE_SWITCHOVER)) {
            step = Step.PARKED;
            progress.set(PRE_SWITCHOVER);
        } else {
            saveAndSend();
        }
    }

    /** Ends the wait of capability pause-before-switchover; false if it is not waiting. */
    boolean proceed() {
        if (step != Step.PARKED) {
            return false;
        }
        saveAndSend();
        return true;
    }

    private void saveAndSend() {
        step = Step.SENDING;
        progress.set(DEVICE);
        content.globalState().capture(guest.before(), setup.machine().wasSuspended());
        if (ram.isPresent()) {
            ram.get().finish();
        } else {
            sendDevices();
        }
    }

    /** Sends the devices, behind all that is to be sent of RAM. */
    private void sendDevices() {
        byte[] stream;
        try {
            stream = ram.isPresent()
                    ? StreamWriter.deviceState(content)
                    : StreamWriter.write(content, setup.capabilities().has(MigrationCapability.RETURN_PATH));
        } catch (StateException e) {
            fail(e.getMessage());
            return;
        } catch (RuntimeException e) {
            fail("the state of the devices cannot be saved: a mistake inside vmm: " + e);
            return;
        }
        timeline.pass(Checkpoint.STATE_SAVED);
        handover.releaseToPartner();
        limit(setup.limits().send(), "the new process did not read the stream within ");
        new DeviceStream(this, channel, new DeviceStream.Listener() {
                    @Override
                    public void whole() {
                        whole = true;
                        limit(setup.limits().verdict(), "the stream was not taken to its end within ");
                    }

                    @Override
                    public void finished() {
                        awaitVerdict();
                    }

                    @Override
                    public void failed(String reason) {
                        fail(reason);
                    }

                    @Override
                    public void unread(String reason) {
                        if (handover.isReleased() || asksForVerdict()) {
                            awaitVerdict(); // what the peer made of it counts, not what it left unread
                        } else {
                            leaveUndecided(reason);
                        }
                    }

                    @Override
                    public void unfinished(String reason) {
                        if (mode.staysUnlessFinished()) {
                            fail(reason);
                        } else {
                            leaveUndecided(reason);
                        }
                    }
                })
                .send(stream);
    }

    private void awaitVerdict() {
        if (!handover.isReleased() && !asksForVerdict()) {
            complete();
            return;
        }
        step = Step.VERDICT;
        limit(setup.limits().verdict(), "the new process did not take the guest within ");
        verdict =
                Optional.of(new Verdict(setup.machine().loop(), channel.returnPath(), handover, new Verdict.Listener() {
                    @Override
                    public void taken() {
                        if (handover.confirm()) {
                            complete();
                        } else {
                            fail("the new process reports success but has not taken the guest");
                        }
                    }

                    @Override
                    public void refused(String reason) {
                        fail(reason);
                    }
                }));
    }

    private boolean asksForVerdict() {
        return setup.capabilities().has(MigrationCapability.RETURN_PATH)
                && channel.returnPath().isPresent();
    }

    private void complete() {
        times.completed();
        timeline.pass(Checkpoint.COMPLETED);
        close();
        progress.set(COMPLETED);
        guest.leave();
        setup.notifiers().done();
        mode.completed(this);
    }

    /** The mode could not carry out what it does when everything is saved: the guest goes on here. */
    void stay(String reason) {
        progress.error(reason);
        progress.set(FAILED);
        setup.notifiers().failed();
        guest.goOn();
    }

    /** Whether the guest stands still here, for another process to take. */
    boolean guestIsStopped() {
        return guest.isStopped();
    }

    /** Something went wrong: the guest runs on here, unless the new process has it. */
    void fail(String reason) {
        if (step == Step.ENDED) {
            return;
        }
        if (!handover.takeBack()) {
            complete();
            return;
        }
        progress.error(reason);
        progress.set(FAILING);
        recover();
        progress.set(FAILED);
    }

    /** {@code migrate_cancel}: the guest runs on here, unless it is too late for that. */
    void cancel() {
        boolean tooLate =
                switch (step) {
                    case PREPARING, CONNECTING, COPYING, PARKED -> false;
                    case SENDING, VERDICT -> handover.isReleased() ? !handover.takeBack() : whole;
                    case ENDED -> true;
                };
        if (!tooLate) {
            progress.set(CANCELLING);
            recover();
            progress.set(CANCELLED);
        }
    }

    /** The order of reference/qemu-cpr.md, section 5.4. */
    private void recover() {
        try {
            close();
            mode.end();
            setup.notifiers().failed();
        } finally {
            guest.goOn();
        }
    }

    /**
     * Whether the guest may run here, or be reset, after this migration: not while it is stopped for it, and not once the
     * next process has it. Takes it back if nobody has. Empty if it may, else why not.
     */
    String refusalToTouchGuest() {
        if (step != Step.ENDED) {
            return guest.isStopped() ? "Migration is not finalized yet" : "";
        }
        if (!guest.isStopped()) {
            return "";
        }
        if (handover.isGone()) {
            return "The guest has moved to another process, which owns its memory now: it cannot run here any more. Use"
                    + " 'quit' to end this process";
        }
        guest.comeBack();
        return "";
    }

    /**
     * A limit is over. Whether a new process that keeps no record has the guest cannot be known then, so nothing runs
     * here until someone who has looked says {@code cont}.
     */
    private void expired() {
        if (handover.isReleased() || !whole) {
            fail(limitReason);
        } else if (mode.staysUnlessFinished() && step == Step.SENDING) {
            fail(limitReason);
        } else {
            leaveUndecided(limitReason);
        }
    }

    /** Whether the guest has arrived cannot be known. */
    private void leaveUndecided(String reason) {
        close();
        mode.end();
        progress.error(reason + "; the guest is stopped here: look whether the new process runs it, and if it is"
                + " gone, use 'cont' here");
        progress.set(FAILING);
        guest.leave();
        setup.notifiers().failed();
        progress.set(FAILED);
    }

    private void limit(long nanos, String reason) {
        limitReason = reason + nanos / 1_000_000_000L + " s";
        Clock clock = setup.machine().loop().hostClock();
        limit.arm(clock.now() + nanos);
    }

    private void close() {
        step = Step.ENDED;
        yanked.ifPresent(YankedSocket::close);
        limit.cancel();
        acceptance.cancel();
        if (connector != null) {
            connector.cancel();
        }
        verdict.ifPresent(Verdict::close);
        spareTime.ifPresent(SpareTime::end);
        ram.ifPresent(OutgoingRam::close);
        if (channel != null) {
            channel.close();
        }
    }

    /** Lets go of the record, when a newer migration begins. */
    void forget() {
        handover.forget();
    }
}
