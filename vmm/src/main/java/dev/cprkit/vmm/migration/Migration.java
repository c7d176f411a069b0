package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.cpr.GuestManifest;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.machine.ResumeGuard;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.state.StateManifest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Migration of this machine: into this process once, at its start, and out of it as often as it takes to succeed
 * (reference/qemu-cpr.md, sections 2 and 8). Main loop's thread with the machine lock held.
 *
 * <p>Also the machine's {@link ResumeGuard}: it keeps the guest from being touched here while, or after, another process
 * has it.
 */
public final class Migration implements ResumeGuard {
    private final MigrationSetup setup;
    private final MigrationBlockers blockers;
    private final MigrationProgress progress;
    private final IncomingMigration incoming;
    private final Optional<Ownership> taken;
    private final PauseTimeline arrival = new PauseTimeline(false);
    private Optional<OutgoingMigration> outgoing = Optional.empty();

    /**
     * Builds the migration of a machine that has just been built.
     *
     * @param config parameters, capabilities and stream options, with the command line's presets applied
     * @param uuid the machine's, 16 bytes; none if it has no UUID
     * @param cpr what the old process sent, if this one was started with a CPR channel
     * @param process what is around the machine
     * @param fatal prints a message and ends the process with status 1
     * @throws CprException if what the old process sent cannot be used
     */
    public Migration(
            VirtualMachine machine,
            MigrationConfig config,
            byte[] uuid,
            Optional<CprListener> cpr,
            HostingProcess process,
            Consumer<String> fatal)
            throws CprException {
        setup = new MigrationSetup(
                machine,
                config.parameters(),
                config.capabilities(),
                config.stream(),
                config.limits(),
                process,
                uuid.clone(),
                new MigrationNotifiers());
        setup.parameters().listen(changed -> outgoing.ifPresent(OutgoingMigration::parametersChanged));
        progress = new MigrationProgress(config.capabilities(), machine.events());
        blockers = new MigrationBlockers(machine, this::isOutgoing);
        taken = join(cpr);
        cpr.ifPresent(listener -> {
            arrival.pass(Checkpoint.CPR_STATE_RECEIVED, listener.receivedAt());
            arrival.pass(Checkpoint.MACHINE_BUILT);
        });
        incoming = new IncomingMigration(
                setup, new MigrationProgress(config.capabilities(), machine.events()), cpr, taken, arrival, fatal);
    }

    private Optional<Ownership> join(Optional<CprListener> cpr) throws CprException {
        if (cpr.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt fd = cpr.get().state().take(Ownership.NAME, 0);
        Optional<StateManifest> manifest = cpr.get().state().takeManifest();
        cpr.get().state().closeRest(); // the machine is built: what it did not look for belongs to no one here
        if (fd.isEmpty()) {
            return Optional.empty(); // the old process is a QEMU
        }
        Ownership ownership = Ownership.join(fd.getAsInt());
        String refusal = manifest.isPresent()
                ? manifest.get().refusal(setup.content(false).sections())
                : "";
        if (!refusal.isEmpty()) {
            String reason = "the new process cannot load this guest's state: " + refusal;
            ownership.refuse(reason);
            ownership.close();
            throw new CprException(reason);
        }
        arrival.share(ownership);
        return Optional.of(ownership);
    }

    /** Why this machine could not go on with a guest of another process; empty if nothing is known against it. */
    public String refusalOf(GuestManifest guest) throws CprException {
        return guest.refusal(setup.machine().allMemory(), setup.content(false).sections());
    }

    /** The parameters of this process. */
    public MigrationParameters parameters() {
        return setup.parameters();
    }

    /** The capabilities of this process. */
    public MigrationCapabilities capabilities() {
        return setup.capabilities();
    }

    /** What a stream consists of. */
    StreamOptions stream() {
        return setup.stream();
    }

    /** What keeps the machine from migrating. */
    public MigrationBlockers blockers() {
        return blockers;
    }

    /** Who is told when the guest is about to leave, and how that ended. */
    public MigrationNotifiers notifiers() {
        return setup.notifiers();
    }

    /** The first process of a guest is generation 1, the next 2; one that came from a QEMU counts from 1 again. */
    public long generation() {
        return taken.map(Ownership::generation).orElse(1L);
    }

    /** Whether a migration out of this process goes on. */
    public boolean isOutgoing() {
        return progress.status().isRunning();
    }

    /** Whether a migration goes on, out of this process or into it; not while a guest is merely awaited. */
    public boolean isUnderWay() {
        return progress.status().isRunning() || incoming.progress().status().isRunning();
    }

    /** {@code migrate}: checks everything, then starts. The order of the checks is QEMU's (section 2.2). */
    void migrate(Channels given, boolean resume) throws QmpError {
        MigMode mode = setup.parameters().mode();
        Channels channels = given.completed(setup.parameters());
        channels.check(setup.parameters(), setup.capabilities());
        MigrationMode way = modeOf(mode);
        way.check(channels);
        prepare(mode, resume);
        outgoing.ifPresent(OutgoingMigration::forget);
        OutgoingMigration next = new OutgoingMigration(setup, progress, way, channels, generation());
        outgoing = Optional.of(next);
        try {
            next.begin();
        } catch (MigrationFailure e) {
            throw QmpError.generic(e.getMessage());
        }
    }

    private static MigrationMode modeOf(MigMode mode) {
        return switch (mode) {
            case CPR_TRANSFER -> new CprTransferMode();
            case CPR_EXEC -> new CprExecMode();
            case NORMAL -> new NormalMode();
            case CPR_REBOOT -> new CprRebootMode();
        };
    }

    private void prepare(MigMode mode, boolean resume) throws QmpError {
        if (resume) {
            throw QmpError.generic("Cannot resume if there is no paused migration");
        }
        if (progress.status().isRunning()) {
            throw QmpError.generic("There's a migration process in progress");
        }
        RunState state = setup.machine().runState();
        if (state == RunState.INMIGRATE) {
            throw QmpError.generic("Guest is waiting for an incoming migration");
        }
        if (state == RunState.POSTMIGRATE) {
            throw QmpError.generic("Can't migrate the vm that was paused due to previous migration");
        }
        if (mode == MigMode.CPR_EXEC && setup.parameters().execCommand().isEmpty()) {
            throw QmpError.generic("cpr-exec mode requires setting cpr-exec-command");
        }
        String blocked = blockers.refusal(mode);
        if (!blocked.isEmpty()) {
            throw QmpError.generic(blocked);
        }
        setup.capabilities().checkMappedRam();
        checkCredentials();
    }

    /** There is no type of object that holds TLS credentials, so none of that name can exist. */
    private void checkCredentials() throws QmpError {
        String credentials = setup.parameters().text(MigrationParameter.TLS_CREDS);
        if (!credentials.isEmpty()) {
            throw QmpError.generic("No TLS credentials with id '" + credentials + "'");
        }
    }

    /** {@code migrate_cancel}. */
    void cancel() {
        outgoing.ifPresent(OutgoingMigration::cancel);
    }

    /** {@code migrate-continue}: ends the wait of capability pause-before-switchover. */
    void proceed(MigrationStatus expected) throws QmpError {
        if (expected != MigrationStatus.PRE_SWITCHOVER
                || progress.status() != expected
                || !outgoing.map(OutgoingMigration::proceed).orElse(false)) {
            throw QmpError.generic(
                    "Migration not in expected state: " + progress.status().qapiName());
        }
    }

    /**
     * {@code migrate-incoming}, and the {@code -incoming} option's main channel: listens, and tells the old process so.
     *
     * @param exitOnError whether a failure from here on ends the process
     */
    public void startIncoming(MigrationAddress address, boolean exitOnError) throws QmpError {
        incoming.checkWanted();
        checkCredentials();
        incoming.start(address, exitOnError);
    }

    /** Refuses capabilities and the like while a migration out of this process goes on. */
    void checkIdle() throws QmpError {
        if (progress.status().isRunning()) {
            throw QmpError.generic("There's a migration process in progress");
        }
    }

    @Override
    public void beforeTouchingGuest(RunState from) throws CannotResume {
        if (outgoing.isPresent() && (from == RunState.POSTMIGRATE || from == RunState.FINISH_MIGRATE)) {
            String refusal = outgoing.get().refusalToTouchGuest();
            if (!refusal.isEmpty()) {
                throw new CannotResume(refusal);
            }
        }
    }

    VirtualMachine machine() {
        return setup.machine();
    }

    MigrationProgress progress() {
        return progress;
    }

    IncomingMigration incoming() {
        return incoming;
    }

    Optional<OutgoingMigration> outgoing() {
        return outgoing;
    }

    List<String> blockedReasons() {
        return blockers.list(setup.parameters().mode());
    }

    /** {@code x-query-cpr-timeline}: the latest update that this process had a part in. */
    JsonValue timeline() {
        JsonObject result = new JsonObject();
        boolean leaving = outgoing.isPresent();
        PauseTimeline view = leaving ? outgoing.get().timeline() : arrival;
        boolean none = !leaving && arrival.at(Checkpoint.CPR_STATE_RECEIVED).isEmpty();
        if (!leaving && !none) {
            boolean ignored = incoming.noteFirstInstruction();
        }
        result.put("role", none ? "none" : leaving ? "source" : "target");
        result.put("generation", generation());
        JsonArray own = new JsonArray();
        JsonArray peer = new JsonArray();
        for (Checkpoint checkpoint : Checkpoint.values()) {
            OptionalLong at = view.at(checkpoint);
            if (at.isPresent()) {
                JsonObject entry =
                        new JsonObject().put("name", checkpoint.label()).put("ns", at.getAsLong());
                (checkpoint.isSource() == view.isSource() ? own : peer).add(entry);
            }
        }
        result.put("checkpoints", own);
        result.put("peer-checkpoints", peer);
        OptionalLong pause = view.pause();
        if (pause.isPresent()) {
            result.put("pause-ns", pause.getAsLong());
        }
        return result;
    }

    /** A list of texts in JSON. */
    static JsonArray texts(List<String> texts) {
        JsonArray array = new JsonArray();
        for (String text : texts) {
            array.add(new JsonString(text));
        }
        return array;
    }
}
