package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.memory.BackendOptions;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.RamAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code -machine anon-alloc=memfd} and {@code memfd-alloc=on}, by which earlier forms of live update put all anonymous
 * RAM into memfds, that of {@code -m} and of memory-backend-ram included (reference/qemu-cpr.md, section 1.8).
 */
final class EarlierMachineOptions {
    private static final String NOW =
            ": use aux-ram-share=on, and a memory-backend with share=on for the machine's RAM";

    private EarlierMachineOptions() {}

    /** Takes them; whether all anonymous RAM belongs in memfds. */
    static boolean take(Properties machine, List<String> warnings) throws CommandLineException {
        boolean memfd = false;
        Optional<String> kind = machine.take("anon-alloc");
        if (kind.isPresent()) {
            memfd = switch (kind.get()) {
                case "memfd" -> true;
                case "mmap" -> false;
                default -> throw machine.error("Parameter 'anon-alloc' does not accept value '" + kind.get() + "'");
            };
            warnings.add("warning: -machine anon-alloc is an earlier form" + NOW);
        }
        Optional<Boolean> alloc = machine.takeFlag("memfd-alloc");
        if (alloc.isPresent()) {
            memfd |= alloc.get();
            warnings.add("warning: -machine memfd-alloc is an earlier form" + NOW);
        }
        return memfd;
    }

    /**
     * The backends with all anonymous memory shared.
     *
     * @param ownRam the size of the machine's RAM in bytes if no backend holds it, else 0
     */
    static List<MemoryBackendConfig> inMemfds(List<MemoryBackendConfig> backends, long ownRam) {
        List<MemoryBackendConfig> shared = new ArrayList<>();
        for (MemoryBackendConfig backend : backends) {
            if (backend instanceof MemoryBackendConfig.Ram(BackendOptions o)) {
                shared.add(new MemoryBackendConfig.Ram(new BackendOptions(
                        o.id(), o.size(), true, o.prealloc(), o.merge(), o.dump(), o.reserve(), o.canonicalPath())));
            } else {
                shared.add(backend);
            }
        }
        if (ownRam > 0) {
            shared.add(new MemoryBackendConfig.Ram(BackendOptions.of(RamAllocator.DEFAULT_RAM, ownRam, true)));
        }
        return shared;
    }
}
