package dev.cprkit.vmm.memory;

/**
 * A piece of guest RAM or ROM: mapped host memory with a name that the next process finds it by.
 *
 * @param idstr the block's name in the stream's RAM section, which is also its CPR name (reference/qemu-cpr.md, 4.1)
 * @param hostAddress where it is mapped, page-aligned
 * @param size in bytes, a multiple of the page size
 * @param fd the descriptor it is mapped from, or -1 for anonymous memory
 * @param shared mapped MAP_SHARED: stores reach the descriptor
 * @param namedFile from a file that has a path, which the next process opens again: its descriptor does not travel
 * @param kind what it was made as: {@code memory-backend-memfd} and so on, or {@code aux} for an implicit block
 */
public record RamBlock(
        String idstr, long hostAddress, long size, int fd, boolean shared, boolean namedFile, String kind) {
    /** Whether the next process on this host can map the same memory: shared and behind a descriptor. */
    public boolean survivesCpr() {
        return fd >= 0 && shared;
    }
}
