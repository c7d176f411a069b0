package dev.cprkit.vmm.migration;

/**
 * The settings of migration that exist before there is a machine.
 *
 * @param parameters at their defaults, or preset
 * @param capabilities all off, or preset
 * @param stream what a stream consists of
 * @param limits of every wait
 */
public record MigrationConfig(
        MigrationParameters parameters,
        MigrationCapabilities capabilities,
        StreamOptions stream,
        MigrationLimits limits) {
    /** Everything at its default. */
    public static MigrationConfig defaults() {
        MigrationParameters parameters = new MigrationParameters();
        return new MigrationConfig(
                parameters, new MigrationCapabilities(parameters), new StreamOptions(), MigrationLimits.DEFAULT);
    }

    /** Where {@code -global migration.*} presets go. */
    public MigrationGlobals globals() {
        return new MigrationGlobals(parameters, capabilities, stream);
    }
}
