package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.CprChannel;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.cpr.ManifestFile;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.state.StateManifest;

/**
 * Mode cpr-transfer up to the main channel: sends the descriptors of guest RAM, then waits for the new process to hang
 * up, which means that it has built its machine and listens (reference/qemu-cpr.md, section 2.3, steps 4 to 11). The
 * guest runs on all the while, and the wait is used to rehearse.
 */
final class CprTransferMode implements MigrationMode {
    private CprChannel channel;
    private EventLoop.Watch watch;
    private Clock.Timer limit;
    private SpareTime spareTime;

    @Override
    public MigMode mode() {
        return MigMode.CPR_TRANSFER;
    }

    @Override
    public void check(Channels channels) throws QmpError {
        if (channels.cpr().isEmpty()) {
            throw QmpError.generic("missing 'cpr' migration channel");
        }
        if (channels.main() instanceof MigrationAddress.File) {
            throw QmpError.generic("Migration requires streamable transport (eg unix)");
        }
    }

    @Override
    public boolean awaitsAcceptance() {
        return true;
    }

    @Override
    public void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure {
        VirtualMachine machine = migration.setup().machine();
        MigrationLimits limits = migration.setup().limits();
        CprState state = CprState.ofBlocks(machine.allMemory());
        state.add(Ownership.NAME, 0, migration.beginOwnership().fd());
        try (ManifestFile manifest =
                ManifestFile.write(StateManifest.of(migration.content().sections()))) {
            state.add(ManifestFile.NAME, 0, manifest.fd());
            channel = CprChannel.send(channels.cpr().orElseThrow(), state, limits.cprSend());
        } catch (CprException e) {
            throw new MigrationFailure(e.getMessage());
        }
        migration.timeline().pass(Checkpoint.CPR_STATE_SENT);
        watch = machine.loop().watch(channel.fd(), EventLoop.READABLE, ready -> readable(migration));
        Clock clock = machine.loop().hostClock();
        limit = clock.timer(() -> migration.fail("the new process did not get ready within "
                + limits.hangUp() / 1_000_000_000L
                + " s: it still has the cpr channel open; end it and start another one"));
        limit.arm(clock.now() + limits.hangUp());
        spareTime = SpareTime.begin(clock, migration.content());
    }

    /** The new process never sends anything: what is readable is its hang-up. */
    private void readable(OutgoingMigration migration) {
        try {
            if (SocketMessages.receive(channel.fd(), new byte[1], 0, 1).count() != 0) {
                migration.fail("whoever listens on the cpr channel answers it: this is not a new process of ours");
                return;
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECONNRESET) {
                migration.fail("cpr channel: " + e.getMessage());
                return;
            }
        }
        end();
        migration.timeline().pass(Checkpoint.HANG_UP_SEEN);
        String refusal = migration.handover().refusal();
        if (!refusal.isEmpty()) {
            migration.fail(refusal);
            return;
        }
        try {
            migration.connect();
        } catch (MigrationFailure e) {
            migration.fail(e.getMessage());
        }
    }

    @Override
    public void end() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (limit != null) {
            limit.cancel();
            spareTime.end();
            limit = null;
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
