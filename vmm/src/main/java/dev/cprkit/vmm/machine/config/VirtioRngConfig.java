package dev.cprkit.vmm.machine.config;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code -device virtio-rng-device}.
 *
 * @param id the device's id
 * @param rng the id of its source of entropy; empty for a built-in one of its own
 * @param bus which virtio-mmio transport it is plugged into; empty for the highest that is free
 * @param maxBytes how many bytes the guest may have in each period
 * @param periodMs the period in ms
 */
public record VirtioRngConfig(
        Optional<String> id, Optional<String> rng, OptionalInt bus, long maxBytes, long periodMs) {}
