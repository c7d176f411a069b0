package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * Names: {@code -name}.
 *
 * @param guest the guest's name, as query-name reports it
 * @param process the process's name, as ps(1) shows it
 * @param debugThreads whether threads are given names for debuggers
 */
public record NameConfig(Optional<String> guest, Optional<String> process, boolean debugThreads) {}
