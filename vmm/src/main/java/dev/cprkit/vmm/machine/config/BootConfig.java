package dev.cprkit.vmm.machine.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the guest starts from. The files are not opened before the machine is built.
 *
 * @param firmware {@code -bios}
 * @param kernel {@code -kernel}
 * @param initrd {@code -initrd}, only with a kernel
 * @param append {@code -append}, the kernel's command line, only with a kernel
 * @param dtb {@code -dtb}, a device tree in place of the board's own
 */
public record BootConfig(
        Firmware firmware, Optional<Path> kernel, Optional<Path> initrd, Optional<String> append, Optional<Path> dtb) {}
