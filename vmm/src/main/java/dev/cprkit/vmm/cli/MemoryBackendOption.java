package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.memory.BackendOptions;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the properties of {@code -object memory-backend-*} (reference/qemu-cpr.md, 1.6). Stateless; {@code merge} and
 * {@code dump} default to what the machine says.
 */
final class MemoryBackendOption {
    /** The guest's page size in bytes. A host with larger pages asks for more when the memory is made. */
    private static final long PAGE = 4096;

    private MemoryBackendOption() {}

    static MemoryBackendConfig read(String type, String id, Properties properties, boolean merge, boolean dump)
            throws CommandLineException {
        MemoryBackendConfig config =
                switch (type) {
                    case "memory-backend-memfd" -> memfd(common(type, id, properties, true, merge, dump), properties);
                    case "memory-backend-file" -> file(common(type, id, properties, false, merge, dump), properties);
                    case "memory-backend-shm" -> shm(common(type, id, properties, true, merge, dump));
                    case "memory-backend-ram" ->
                        new MemoryBackendConfig.Ram(common(type, id, properties, false, merge, dump));
                    default -> new MemoryBackendConfig.Epc(common(type, id, properties, false, merge, dump));
                };
        properties.end();
        return config;
    }

    private static BackendOptions common(
            String type, String id, Properties properties, boolean share, boolean merge, boolean dump)
            throws CommandLineException {
        OptionalLong size = properties.takeSize("size");
        if (size.isEmpty()) {
            throw properties.error("Parameter 'size' is missing");
        }
        if (size.getAsLong() == 0) {
            throw new CommandLineException("property 'size' of " + type + " doesn't take value '0'");
        }
        if (size.getAsLong() % PAGE != 0) {
            throw properties.error("backend '" + id + "' memory size must be multiple of 4 KiB");
        }
        // How many threads preallocate is a matter of speed only.
        properties.takeNumber("prealloc-threads");
        properties.take("prealloc-context");
        numa(properties);
        return new BackendOptions(
                id,
                size.getAsLong(),
                properties.takeFlag("share", share),
                properties.takeFlag("prealloc", false),
                properties.takeFlag("merge", merge),
                properties.takeFlag("dump", dump),
                properties.takeFlag("reserve", true),
                properties.takeFlag("x-use-canonical-path-for-ramblock-id", false));
    }

    private static void numa(Properties properties) throws CommandLineException {
        Optional<String> policy = properties.take("policy");
        if (policy.isPresent() && !policy.get().equals("default")) {
            throw properties.error("NUMA policy '" + policy.get() + "' is not supported, only 'default' is");
        }
        if (properties.has("host-nodes") || properties.hasUnder("host-nodes")) {
            throw properties.error("host-nodes is not supported: memory is not bound to NUMA nodes");
        }
    }

    private static MemoryBackendConfig memfd(BackendOptions options, Properties properties)
            throws CommandLineException {
        long hugetlbSize = properties.takeSize("hugetlbsize").orElse(0);
        if (Long.bitCount(hugetlbSize) > 1) {
            throw new CommandLineException("Hugepage size must be a power of 2");
        }
        return new MemoryBackendConfig.Memfd(
                options, properties.takeFlag("seal", true), properties.takeFlag("hugetlb", false), hugetlbSize);
    }

    private static MemoryBackendConfig shm(BackendOptions options) throws CommandLineException {
        if (!options.share()) {
            throw new CommandLineException("can't create shm backend with `share=off`");
        }
        return new MemoryBackendConfig.Shm(options);
    }

    private static MemoryBackendConfig file(BackendOptions options, Properties properties) throws CommandLineException {
        String path = properties.require("mem-path");
        if (path.isEmpty()) {
            throw new CommandLineException("mem-path property not set");
        }
        boolean readOnly = properties.takeFlag("readonly", false);
        String rom = properties.take("rom").orElse("auto");
        boolean isRom =
                switch (rom) {
                    case "on" -> true;
                    case "off" -> false;
                    case "auto" -> readOnly;
                    default -> throw properties.error("Parameter 'rom' does not accept value '" + rom + "'");
                };
        if (readOnly && !isRom && options.share()) {
            throw new CommandLineException(
                    "property 'rom' = 'off' is incompatible with 'readonly' = 'on' and 'share' = 'on'");
        }
        return new MemoryBackendConfig.File(
                options,
                path,
                properties.takeSize("offset").orElse(0),
                properties.takeSize("align").orElse(0),
                properties.takeFlag("discard-data", false),
                readOnly,
                isRom,
                properties.takeFlag("pmem", false));
    }
}
