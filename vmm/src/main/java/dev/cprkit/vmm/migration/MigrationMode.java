package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.monitor.qmp.QmpError;

/**
 * One way to move the guest to the next process, as far as it differs from the others: what it refuses, and what happens
 * before the main channel is connected. One object for one migration. Main loop's thread.
 */
interface MigrationMode {
    /** Refuses channels that this mode cannot use, before anything has changed. */
    void check(Channels channels) throws QmpError;

    /**
     * Begins; the status is {@code setup}. Calls {@link OutgoingMigration#connect} now or later.
     *
     * @throws MigrationFailure if it cannot; the migration fails and {@code migrate} says so
     */
    void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure;

    /** Gives up whatever it waits for and closes what it opened. Called at every end, good or bad. */
    void end();
}
