package dev.cprkit.vmm.migration.channel;

/** A step of a migration failed; the message becomes {@code error-desc}. */
public final class MigrationFailure extends Exception {
    private static final long serialVersionUID = 1L;

    public MigrationFailure(String message) {
        super(message, null, false, false);
    }
}
