package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.vmm.migration.channel.MigrationFailure;

/**
 * cpr-reboot: the guest is stopped, then everything of it is saved that would not outlive the host (reference/
 * qemu-cpr.md, section 2.6). With capability x-ignore-shared, RAM that is a file already stays there.
 */
final class CprRebootMode implements MigrationMode {
    private boolean kept;

    @Override
    public MigMode mode() {
        return MigMode.CPR_REBOOT;
    }

    @Override
    public void check(Channels channels) {}

    @Override
    public void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure {
        kept = !(channels.main() instanceof MigrationAddress.Socket);
        migration.connect();
    }

    @Override
    public boolean copiesRam() {
        return true;
    }

    /** What is kept in a file, or by a command, runs nowhere yet. */
    @Override
    public boolean staysUnlessFinished() {
        return kept;
    }

    @Override
    public void end() {}
}
