package dev.cprkit.vmm.machine.config;

import java.nio.file.Path;

/** A source of entropy: {@code -object rng-random} and {@code -object rng-builtin}. */
public sealed interface RngConfig {
    /** The object's id. */
    String id();

    /** Reads a file, /dev/urandom by default. */
    record Random(String id, Path filename) implements RngConfig {}

    /** The kernel's getrandom(2), or what the emulator's runtime offers in its place. */
    record Builtin(String id) implements RngConfig {}
}
