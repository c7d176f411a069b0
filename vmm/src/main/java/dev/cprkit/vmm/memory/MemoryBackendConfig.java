package dev.cprkit.vmm.memory;

/** Where guest RAM comes from: {@code -object memory-backend-*} (reference/qemu-cpr.md, 1.6). */
public sealed interface MemoryBackendConfig {
    /** What it has in common with the other kinds. */
    BackendOptions options();

    /** The object's type: {@code memory-backend-memfd} and so on. */
    String typeName();

    /** The object's id. */
    default String id() {
        return options().id();
    }

    /**
     * A memfd. Shared by default.
     *
     * @param seal whether nobody can change its size (F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_SEAL)
     * @param hugetlb whether it is made of huge pages
     * @param hugetlbSize the huge pages' size in bytes, a power of two; 0 for the host's default
     */
    record Memfd(BackendOptions options, boolean seal, boolean hugetlb, long hugetlbSize)
            implements MemoryBackendConfig {
        @Override
        public String typeName() {
            return "memory-backend-memfd";
        }
    }

    /**
     * A file that has a path, which the next process opens again. Private by default.
     *
     * @param memPath the file, or a directory in which a file is made that nobody else sees
     * @param offset where in the file the RAM begins, in bytes
     * @param align the mapping's alignment in bytes, a power of two; 0 for the page size
     * @param discardData whether the file's contents are worth nothing once the process ends
     * @param readOnly whether the file is opened for reading only
     * @param rom whether the guest can only read it
     * @param pmem whether it is persistent memory
     */
    record File(
            BackendOptions options,
            String memPath,
            long offset,
            long align,
            boolean discardData,
            boolean readOnly,
            boolean rom,
            boolean pmem)
            implements MemoryBackendConfig {
        @Override
        public String typeName() {
            return "memory-backend-file";
        }
    }

    /** POSIX shared memory whose name is gone as soon as it is open. Always shared. */
    record Shm(BackendOptions options) implements MemoryBackendConfig {
        @Override
        public String typeName() {
            return "memory-backend-shm";
        }
    }

    /** Anonymous memory, private by default; shared, it is a memfd of that name. */
    record Ram(BackendOptions options) implements MemoryBackendConfig {
        @Override
        public String typeName() {
            return "memory-backend-ram";
        }
    }

    /** Memory of an SGX enclave, which no RISC-V guest has. */
    record Epc(BackendOptions options) implements MemoryBackendConfig {
        @Override
        public String typeName() {
            return "memory-backend-epc";
        }
    }
}
