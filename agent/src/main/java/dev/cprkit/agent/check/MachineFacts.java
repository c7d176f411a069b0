package dev.cprkit.agent.check;

import dev.cprkit.agent.monitor.MemoryBackend;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the old VM says about its machine and its memory.
 *
 * @param type the machine's type, as {@code -machine help} lists it; may be empty
 * @param aliases from alias to the type that it stands for in the old program
 * @param types all that the old program has
 * @param auxRamShare the machine's {@code aux-ram-share}; empty if it has no such property
 * @param mainMemory the id of the backend of its main memory; may be empty
 * @param files from the id of a backend to the file that holds its memory, as its option names it
 * @param huge the backends that took their memory from the host's huge pages, and have it in no file that has a name
 */
public record MachineFacts(
        String type,
        Map<String, String> aliases,
        Set<String> types,
        Optional<Boolean> auxRamShare,
        List<MemoryBackend> memory,
        String mainMemory,
        Map<String, String> files,
        Set<String> huge) {
    public MachineFacts {
        aliases = Map.copyOf(aliases);
        types = Set.copyOf(types);
        memory = List.copyOf(memory);
        files = Map.copyOf(files);
        huge = Set.copyOf(huge);
    }
}
