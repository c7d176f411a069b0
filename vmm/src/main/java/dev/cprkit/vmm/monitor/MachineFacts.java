package dev.cprkit.vmm.monitor;

import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What monitors tell about the machine besides its run state: all of it is known when the machine has been built.
 *
 * @param name {@code -name}, if one was given
 * @param uuid {@code -uuid}, in lower case with hyphens; all zeros if none was given
 * @param ramSize the machine's RAM, in bytes
 * @param memoryBackends the memory backends, in order of creation
 * @param cpus the vCPUs, by index
 */
public record MachineFacts(
        Optional<String> name, String uuid, long ramSize, List<MemoryBackend> memoryBackends, List<Cpu> cpus) {

    /**
     * A memory backend object.
     *
     * @param id the object's id; none for the one that the machine makes itself
     * @param size in bytes
     * @param share {@code share=}
     * @param merge {@code merge=}
     * @param dump {@code dump=}
     * @param prealloc {@code prealloc=}
     * @param reserve {@code reserve=}
     */
    public record MemoryBackend(
            Optional<String> id,
            long size,
            boolean share,
            boolean merge,
            boolean dump,
            boolean prealloc,
            boolean reserve) {}

    /**
     * A vCPU.
     *
     * @param index from 0
     * @param model {@code -cpu}'s name: {@code rv64}
     * @param threadId its thread's Linux id, asked for at each query
     */
    public record Cpu(int index, String model, LongSupplier threadId) {}
}
