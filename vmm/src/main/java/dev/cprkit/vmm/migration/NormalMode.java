package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.vmm.migration.channel.MigrationFailure;

/** Live migration: guest RAM is copied while the guest runs, then its rest and the devices while it stands still. */
final class NormalMode implements MigrationMode {
    private boolean toFile;

    @Override
    public MigMode mode() {
        return MigMode.NORMAL;
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
    public boolean stopsFirst() {
        return false;
    }

    /** Of a file nobody can have taken the guest; behind a command it may run already. */
    @Override
    public boolean staysUnlessFinished() {
        return toFile;
    }

    @Override
    public void end() {}
}
