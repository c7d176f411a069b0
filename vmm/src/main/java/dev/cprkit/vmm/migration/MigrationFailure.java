package dev.cprkit.vmm.migration;

/** A step of a migration failed; the message becomes {@code error-desc}. */
final class MigrationFailure extends Exception {
    private static final long serialVersionUID = 1L;

    MigrationFailure(String message) {
        super(message, null, false, false);
    }
}
