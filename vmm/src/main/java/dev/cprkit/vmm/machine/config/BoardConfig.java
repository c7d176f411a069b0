package dev.cprkit.vmm.machine.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The board: {@code -machine}.
 *
 * @param type the machine type, by its canonical name ({@code virt})
 * @param auxRamShare whether RAM that no memory backend describes is put in memfds that the next process can map
 * @param memoryBackend the id of the backend that is the guest's RAM; empty for anonymous private RAM
 * @param dumpDtb where to write the device tree instead of starting the machine
 * @param suppressVmdesc whether the migration stream goes without its JSON description
 * @param memMerge whether memory backends are merged unless they say otherwise ({@code mem-merge})
 * @param dumpGuestCore whether memory backends belong in a core dump unless they say otherwise
 * @param virtioLegacy whether the virtio-mmio transports show version 1 ({@code -global virtio-mmio.force-legacy})
 */
public record BoardConfig(
        String type,
        boolean auxRamShare,
        Optional<String> memoryBackend,
        Optional<Path> dumpDtb,
        boolean suppressVmdesc,
        boolean memMerge,
        boolean dumpGuestCore,
        boolean virtioLegacy) {
    /** The board with that backend as the guest's RAM. */
    public BoardConfig withMemoryBackend(String id) {
        return new BoardConfig(
                type, auxRamShare, Optional.of(id), dumpDtb, suppressVmdesc, memMerge, dumpGuestCore, virtioLegacy);
    }
}
