package dev.cprkit.vmm.memory;

/**
 * What every memory backend can be told.
 *
 * @param id the object's id, which is also its RAM block's name unless {@code canonicalPath}
 * @param size in bytes, over 0
 * @param share mapped so that others who hold the same memory see the guest's stores
 * @param prealloc whether every page is allocated before the guest starts
 * @param merge whether equal pages may be merged with those of other processes (MADV_MERGEABLE)
 * @param dump whether the memory belongs in a core dump
 * @param reserve whether swap space is set aside for private memory
 * @param canonicalPath whether the RAM block is called {@code /objects/ID}
 */
public record BackendOptions(
        String id,
        long size,
        boolean share,
        boolean prealloc,
        boolean merge,
        boolean dump,
        boolean reserve,
        boolean canonicalPath) {
    /** The defaults of QEMU, with {@code share} as the kind of backend has it. */
    public static BackendOptions of(String id, long size, boolean share) {
        return new BackendOptions(id, size, share, false, true, true, true, false);
    }

    /** The same memory as far as it costs nothing before it is used. */
    public BackendOptions withoutCost() {
        return new BackendOptions(id, size, share, false, merge, dump, false, canonicalPath);
    }

    /** The RAM block's name in the stream, and the name under which its descriptor travels. */
    public String blockName() {
        return canonicalPath ? "/objects/" + id : id;
    }
}
