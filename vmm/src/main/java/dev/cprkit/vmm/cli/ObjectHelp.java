package dev.cprkit.vmm.cli;

import java.util.Optional;

/** What {@code -object help} and {@code -object TYPE,help} say. Stateless. */
final class ObjectHelp {
    static final String TYPES = """
        List of user creatable objects:
          memory-backend-file
          memory-backend-memfd
          memory-backend-ram
          memory-backend-shm
          monitor-hmp
          monitor-qmp
          rng-builtin
          rng-random
        """;

    private static final String MEMORY = """
          dump=<bool>            - Set to 'off' to exclude from core dump
          merge=<bool>           - Mark memory as mergeable
          policy=<HostMemPolicy> - Only 'default' is supported
          prealloc-threads=<int> - Accepted, preallocation uses one thread
          prealloc=<bool>        - Preallocate memory
          reserve=<bool>         - Reserve swap space if applicable
          share=<bool>           - Mark the memory as private to this process or shared
          size=<int>             - Size of the memory region (ex: 500M)
          x-use-canonical-path-for-ramblock-id=<bool>
        """;

    private static final String MEMFD = """
          hugetlb=<bool>         - Use huge pages
          hugetlbsize=<int>      - Huge pages size (ex: 2M, 1G)
          seal=<bool>            - Seal growing & shrinking
        """;

    private static final String FILE = """
          align=<int>            - Alignment of the mapping
          discard-data=<bool>    - Throw the file's contents away at the end
          mem-path=<string>      - File, or directory for a file without a name
          offset=<int>           - Offset into the target file (ex: 1G)
          pmem=<bool>            - Only 'off' is supported
          readonly=<bool>        - Open the file for reading only
          rom=<OnOffAuto>        - Whether to create Read Only Memory (ROM)
        """;

    private ObjectHelp() {}

    /** Whether there are objects of that type. */
    static boolean exists(String type) {
        return switch (type) {
            case "memory-backend-file",
                    "memory-backend-memfd",
                    "memory-backend-ram",
                    "memory-backend-shm",
                    "memory-backend-epc",
                    "monitor-hmp",
                    "monitor-qmp",
                    "rng-builtin",
                    "rng-random" -> true;
            default -> false;
        };
    }

    /** The properties of a type; empty for one that does not exist. */
    static Optional<String> properties(String type) {
        return switch (type) {
            case "memory-backend-memfd" -> Optional.of(type + " options:\n" + MEMORY + MEMFD);
            case "memory-backend-file" -> Optional.of(type + " options:\n" + MEMORY + FILE);
            case "memory-backend-ram", "memory-backend-shm" -> Optional.of(type + " options:\n" + MEMORY);
            case "monitor-hmp" -> Optional.of(type + " options:\n  chardev=<string>\n");
            case "monitor-qmp" -> Optional.of(type + " options:\n  chardev=<string>\n  pretty=<bool>\n");
            case "rng-random" -> Optional.of(type + " options:\n  filename=<string>\n");
            case "rng-builtin" -> Optional.of("There are no options for rng-builtin.\n");
            default -> Optional.empty();
        };
    }
}
