package dev.cprkit.vmm.machine.config;

import java.util.Set;

/**
 * The hart: {@code -cpu}.
 *
 * @param model {@code rv64} or {@code max}, which are the same hart
 * @param extensions the optional extensions that are switched on
 */
public record CpuConfig(String model, Set<CpuExtension> extensions) {
    public CpuConfig {
        extensions = Set.copyOf(extensions);
    }
}
