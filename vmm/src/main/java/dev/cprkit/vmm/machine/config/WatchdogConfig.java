package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * {@code -device cmsdk-apb-watchdog}.
 *
 * @param id the device's id
 */
public record WatchdogConfig(Optional<String> id) {}
