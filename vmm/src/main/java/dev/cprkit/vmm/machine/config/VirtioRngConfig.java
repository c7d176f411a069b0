package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * {@code -device virtio-rng-device}.
 *
 * @param id the device's id
 * @param rng the id of its source of entropy; empty for a built-in one of its own
 * @param transport which virtio-mmio transport it is plugged into, 0 to 7
 * @param maxBytes how many bytes the guest may have in each period
 * @param periodMs the period in ms
 */
public record VirtioRngConfig(Optional<String> id, Optional<String> rng, int transport, long maxBytes, long periodMs) {}
