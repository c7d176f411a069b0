package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.monitor.qmp.QmpError;

/**
 * One way to move the guest to the next process, as far as it differs from the others: what it refuses, what happens
 * before the main channel is connected, and what follows when everything is saved. One object for one migration. Main
 * loop's thread.
 */
interface MigrationMode {
    /** Which one it is. */
    MigMode mode();

    /** Refuses channels that this mode cannot use, before anything has changed. */
    void check(Channels channels) throws QmpError;

    /**
     * Begins; the status is {@code setup}. Calls {@link OutgoingMigration#connect} now or later.
     *
     * @throws MigrationFailure if it cannot; the migration fails and {@code migrate} says so
     */
    void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure;

    /** Whether guest RAM is in the stream, as far as it does not stay in files; else the next process maps it. */
    default boolean copiesRam() {
        return false;
    }

    /** Whether the guest is stopped before anything is sent. */
    default boolean stopsFirst() {
        return true;
    }

    /** Whether the new process waits to accept the main channel, and should be given the time to. */
    default boolean awaitsAcceptance() {
        return false;
    }

    /** Whether a file shall outlive the host. */
    default boolean durable() {
        return true;
    }

    /**
     * Whether nobody can run the guest before the main channel has been finished: then a channel that cannot be finished
     * means that the guest goes on here.
     */
    default boolean staysUnlessFinished() {
        return false;
    }

    /**
     * The main channel is there and the guest still runs: calls {@code goOn} when the guest may be stopped, now or later,
     * or fails the migration.
     */
    default void beforeStop(OutgoingMigration migration, Runnable goOn) {
        goOn.run();
    }

    /** Everything is saved and the status is {@code completed}. */
    default void completed(OutgoingMigration migration) {
        end();
    }

    /** Gives up whatever it waits for and closes what it opened. Called when the migration failed or was cancelled. */
    void end();
}
