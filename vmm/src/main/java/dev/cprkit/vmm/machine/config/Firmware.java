package dev.cprkit.vmm.machine.config;

import java.nio.file.Path;

/** What runs in machine mode: {@code -bios}. */
public sealed interface Firmware {
    /** The SBI that the emulator has built in ({@code -bios default}). */
    record BuiltIn() implements Firmware {}

    /** Nothing: the kernel starts in machine mode at the start of RAM ({@code -bios none}). */
    record None() implements Firmware {}

    /** An image in a file, OpenSBI say. */
    record File(Path path) implements Firmware {}
}
