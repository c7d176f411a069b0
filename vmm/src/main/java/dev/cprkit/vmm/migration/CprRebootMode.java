package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.vmm.migration.channel.MigrationFailure;

/**
 * cpr-reboot: the guest is stopped, then everything of it is saved that would not outlive the host (reference/
 * qemu-cpr.md, section 2.6). With capability x-ignore-shared, RAM that is a file already stays there.
 */
final class CprRebootMode implements MigrationMode {
    private boolean toFile;

    @Override
    public MigMode mode() {
        return MigMode.CPR_REBOOT;
    }

    @Override
    public void check(Channels channels) {}

    @Override
    public void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure {
        toFile = channels.main() instanceof MigrationAddress.File;
        migration.connect();
    }

    @Override
    public boolean copiesRam() {
        return true;
    }

    @Override
    public boolean staysUnlessFinished() {
        return toFile;
    }

    @Override
    public void end() {}
}
