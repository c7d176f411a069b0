package dev.cprkit.vmm.machine.boot;

import dev.cprkit.vmm.machine.config.Firmware;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a machine is to boot.
 *
 * @param ramStart guest-physical address of RAM
 * @param ramSize in bytes
 */
public record BootRequest(
        Firmware firmware, Optional<Path> kernel, Optional<Path> initrd, long ramStart, long ramSize) {}
