package dev.cprkit.vmm.machine.boot;

import java.nio.file.Path;

/** What runs in M mode before the kernel ({@code -bios}). */
public sealed interface Firmware {
    /** {@code -bios default}: the emulator answers SBI calls itself and starts the kernel in S mode. Takes no RAM. */
    record BuiltIn() implements Firmware {}

    /** {@code -bios none}: the kernel starts in M mode, at the start of RAM unless it is an ELF file. */
    record None() implements Firmware {}

    /** {@code -bios FILE}: OpenSBI or the like, flat (loaded at the start of RAM) or ELF. */
    record File(Path path) implements Firmware {}
}
