package dev.cprkit.vmm.machine.config;

import dev.cprkit.proto.qapi.MigrationChannel;

/**
 * Where a guest comes in from: one {@code -incoming} option (reference/qemu-cpr.md, 1.5). For each type of channel there
 * is at most one, the last of the command line. With only a {@code cpr} channel the main one is deferred too.
 */
public sealed interface IncomingConfig {
    /** The option's text as it was given, for {@code -incoming TEXT: reason}. */
    String text();

    /** The main channel is named later, by migrate-incoming. */
    record Deferred(String text) implements IncomingConfig {}

    /** A channel to listen on. */
    record Channel(String text, MigrationChannel channel) implements IncomingConfig {}
}
