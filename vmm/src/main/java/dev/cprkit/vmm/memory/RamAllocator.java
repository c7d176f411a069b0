package dev.cprkit.vmm.memory;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.os.Mappings;
import dev.cprkit.vmm.os.MemoryFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes guest memory, and owns it until the process ends.
 *
 * <p>How RAM lives through an update of the process (reference/qemu-cpr.md, 4.1 to 4.3): shared memory without a path
 * (memfd, shm, ram with share=on, and implicit blocks with aux-ram-share=on) is sent under its block's name, and a
 * process into which a guest comes maps the descriptor that it finds in {@link CprDescriptors}. It never falls back to
 * memory of its own when one is missing or cannot be mapped: the guest would go on with its memory gone. A file with a
 * path is opened again. Private memory does not live on; whether that is a reason to refuse the update is for the old
 * process to say.
 *
 * <p>What a guest can reach is not unmapped before the process ends, since a stray access to an unmapped page would kill
 * the JVM. A backend that was added to a finished machine is in no guest's reach and can be removed. Main loop's thread.
 */
public final class RamAllocator {
    /** The name of the RAM that no memory backend describes; QEMU's riscv64 virt board calls it so. */
    public static final String DEFAULT_RAM = "riscv_virt_board.ram";

    private final CprDescriptors descriptors;
    private final FdSets files;
    private boolean incoming;
    private final List<RamBlock> blocks = new ArrayList<>();
    private final List<RamBlock> discardable = new ArrayList<>();

    /**
     * Makes an allocator that has made nothing yet.
     *
     * @param descriptors what has come in
     * @param incoming whether CPR state has come in, so that shared memory must be found in {@code descriptors}
     */
    public RamAllocator(CprDescriptors descriptors, boolean incoming) {
        this(descriptors, incoming, new FdSets());
    }

    /** As above; {@code files} opens the files of memory backends. */
    public RamAllocator(CprDescriptors descriptors, boolean incoming, FdSets files) {
        this.descriptors = descriptors;
        this.incoming = incoming;
        this.files = files;
    }

    /** The machine is finished: memory that is made from here on may be new, whether or not a guest has come in. */
    public void machineFinished() {
        incoming = false;
    }

    /** Unmaps a backend that was made after {@link #machineFinished}, and closes its descriptor. */
    public void remove(RamBlock block) throws MemoryException {
        blocks.remove(block);
        discardable.remove(block);
        descriptors.forget(block.idstr(), 0);
        try {
            Mappings.unmap(block.hostAddress(), block.size());
        } catch (ErrnoException e) {
            throw new MemoryException("cannot unmap memory '" + block.idstr() + "': " + e.text(), e);
        }
        if (block.fd() >= 0) {
            Fds.close(block.fd());
        }
    }

    /** {@code merge=} of a backend that exists. */
    public void setMerge(RamBlock block, boolean on) {
        RamMapping.tryAdvise(
                block.hostAddress(), block.size(), on ? Mappings.MADV_MERGEABLE : Mappings.MADV_UNMERGEABLE);
    }

    /** {@code dump=} of a backend that exists. */
    public void setDump(RamBlock block, boolean on) {
        RamMapping.tryAdvise(block.hostAddress(), block.size(), on ? Mappings.MADV_DODUMP : Mappings.MADV_DONTDUMP);
    }

    /** Every block, in order of creation. */
    public List<RamBlock> blocks() {
        return List.copyOf(blocks);
    }

    /** The memory of a backend. */
    public RamBlock backend(MemoryBackendConfig config) throws MemoryException {
        checkSize(config.options());
        checkName(config.options());
        checkPrivate(config.options());
        RamBlock block =
                switch (config) {
                    case MemoryBackendConfig.Memfd memfd -> memfd(memfd);
                    case MemoryBackendConfig.File file -> file(file);
                    case MemoryBackendConfig.Shm shm -> shm(shm);
                    case MemoryBackendConfig.Ram ram -> ram(ram);
                    case MemoryBackendConfig.Epc epc ->
                        throw new MemoryException("invalid object type: memory-backend-epc: '" + epc.id()
                                + "' needs a guest with SGX, and this machine is RISC-V");
                };
        boolean readOnly = config instanceof MemoryBackendConfig.File file && file.rom();
        if (!readOnly) {
            RamMapping.advise(block.hostAddress(), config.options());
        }
        blocks.add(block);
        if (config instanceof MemoryBackendConfig.File file && file.discardData()) {
            discardable.add(block);
        }
        return block;
    }

    /**
     * The RAM of a machine without memory backend: private and anonymous.
     *
     * @param size in bytes, a multiple of 4096
     */
    public RamBlock defaultRam(long size) throws MemoryException {
        if (incoming) {
            throw new MemoryException("the machine's RAM is private here, so a guest cannot come in with its memory:"
                    + " give -machine memory-backend=ID and a shared backend, as the old process has");
        }
        return backend(defaultRamConfig(size));
    }

    /** What {@link #defaultRam} makes. */
    public static MemoryBackendConfig defaultRamConfig(long size) {
        return new MemoryBackendConfig.Ram(BackendOptions.of(DEFAULT_RAM, size, false));
    }

    /**
     * Memory that the board itself needs, a boot ROM for example.
     *
     * @param size in bytes; rounded up to whole pages
     * @param share {@code aux-ram-share}: whether the next process can map it
     */
    public RamBlock auxiliary(String name, long size, boolean share) throws MemoryException {
        BackendOptions options = BackendOptions.of(name, RamMapping.roundUp(size, Mappings.pageSize()), share);
        checkName(options);
        checkPrivate(options);
        RamBlock block = share ? sharedAnonymous(options, "aux") : privateAnonymous(options, "aux");
        blocks.add(block);
        return block;
    }

    /**
     * Throws away the contents of files that are backends with {@code discard-data=on}. Call it at the end of the
     * process, and only if the guest ends with it: after an update those files are another process's RAM.
     */
    public void discardData() {
        for (RamBlock block : discardable) {
            RamMapping.tryAdvise(block.hostAddress(), block.size(), Mappings.MADV_REMOVE);
        }
    }

    private static void checkSize(BackendOptions options) throws MemoryException {
        if (options.size() <= 0) {
            throw new MemoryException("can't create backend with size 0");
        }
        long page = Mappings.pageSize();
        if (options.size() % page != 0) {
            throw new MemoryException(
                    "backend '" + options.id() + "' memory size must be multiple of " + page / 1024 + " KiB");
        }
    }

    /** Streams and the next process know memory by its name alone. */
    private void checkName(BackendOptions options) throws MemoryException {
        for (RamBlock block : blocks) {
            if (block.idstr().equals(options.blockName())) {
                throw new MemoryException("guest memory '" + options.blockName()
                        + "' is there already: give each memory backend an id that nothing else has");
            }
        }
    }

    /** Private memory would take the place of memory that came in, and the guest would lose it. */
    private void checkPrivate(BackendOptions options) throws MemoryException {
        if (incoming
                && !options.share()
                && descriptors.find(options.blockName(), 0).isPresent()) {
            throw new MemoryException("guest memory '" + options.blockName()
                    + "' came in shared, so it must be shared here too: share=on for a backend, aux-ram-share=on for"
                    + " the machine's own");
        }
    }

    private RamBlock memfd(MemoryBackendConfig.Memfd config) throws MemoryException {
        BackendOptions options = config.options();
        OptionalInt found = options.share() ? find(options) : OptionalInt.empty();
        if (found.isPresent()) {
            checkBackingSize(options.id(), found.getAsInt(), options.size(), 0);
            return map(options, request(found.getAsInt(), config), false, config.typeName());
        }
        int fd;
        try {
            fd = config.hugetlb()
                    ? MemoryFiles.hugeMemfd(config.typeName(), config.seal(), config.hugetlbSize())
                    : MemoryFiles.memfd(config.typeName(), config.seal());
        } catch (ErrnoException e) {
            throw new MemoryException(
                    "failed to create memfd for '" + options.id() + "': " + e.text()
                            + (config.hugetlb() ? " (has the host huge pages of that size?)" : ""),
                    e);
        }
        resize(fd, options.size());
        if (config.seal()) {
            seal(fd, options.id(), MemoryFiles.F_SEAL_GROW | MemoryFiles.F_SEAL_SHRINK | MemoryFiles.F_SEAL_SEAL);
        }
        return map(options, request(fd, config), false, config.typeName());
    }

    private RamBlock shm(MemoryBackendConfig.Shm config) throws MemoryException {
        BackendOptions options = config.options();
        OptionalInt found = find(options);
        if (found.isPresent()) {
            checkBackingSize(options.id(), found.getAsInt(), options.size(), 0);
            return map(options, request(found.getAsInt(), options), false, config.typeName());
        }
        int fd;
        try {
            fd = MemoryFiles.unlinkedSharedMemory();
        } catch (ErrnoException e) {
            throw new MemoryException(
                    "failed to create POSIX shared memory for '" + options.id() + "': " + e.text(), e);
        }
        resize(fd, options.size());
        return map(options, request(fd, options), false, config.typeName());
    }

    private RamBlock ram(MemoryBackendConfig.Ram config) throws MemoryException {
        BackendOptions options = config.options();
        return options.share()
                ? sharedAnonymous(options, config.typeName())
                : privateAnonymous(options, config.typeName());
    }

    private RamBlock privateAnonymous(BackendOptions options, String kind) throws MemoryException {
        RamBlock block = map(options, request(-1, options), false, kind);
        RamMapping.tryAdvise(block.hostAddress(), block.size(), Mappings.MADV_HUGEPAGE);
        return block;
    }

    /** A memfd that carries the block's name. It may be grown by a later process, never shrunk. */
    private RamBlock sharedAnonymous(BackendOptions options, String kind) throws MemoryException {
        OptionalInt found = find(options);
        if (found.isPresent()) {
            int fd = found.getAsInt();
            try {
                if (MemoryFiles.size(fd) < options.size()) {
                    MemoryFiles.resize(fd, options.size());
                }
            } catch (ErrnoException e) {
                throw cannotSetUp(options, e);
            }
            return map(options, request(fd, options), false, kind);
        }
        int fd;
        try {
            fd = MemoryFiles.memfd(memfdName(options.blockName()), true);
        } catch (ErrnoException e) {
            throw new MemoryException("failed to create memfd for '" + options.id() + "': " + e.text(), e);
        }
        resize(fd, options.size());
        seal(fd, options.id(), MemoryFiles.F_SEAL_SHRINK);
        return map(options, request(fd, options), false, kind);
    }

    /** The kernel takes at most 249 bytes, and the name is for people only. */
    private static String memfdName(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80);
    }

    private RamBlock file(MemoryBackendConfig.File config) throws MemoryException {
        BackendOptions options = config.options();
        long page = Mappings.pageSize();
        if (config.pmem()) {
            throw new MemoryException("pmem=on of '" + options.id() + "' is not supported: there is no libpmem here");
        }
        if (config.offset() % page != 0) {
            throw new MemoryException("offset 0x" + Long.toHexString(config.offset()) + " of '" + options.id()
                    + "' must be multiple of page size 0x" + Long.toHexString(page));
        }
        if (config.align() != 0 && (Long.bitCount(config.align()) != 1 || config.align() % page != 0)) {
            throw new MemoryException("align 0x" + Long.toHexString(config.align()) + " of '" + options.id()
                    + "' must be a power of two and a multiple of page size 0x" + Long.toHexString(page));
        }
        // A file in a directory has no name, so it travels as a descriptor, under the block's name.
        OptionalInt found = options.share() ? descriptors.find(options.blockName(), 0) : OptionalInt.empty();
        if (found.isPresent()) {
            checkBackingSize(options.id(), found.getAsInt(), options.size(), config.offset());
            return map(options, request(found.getAsInt(), config), false, config.typeName());
        }
        BackendFile file = BackendFile.open(config, incoming && options.share(), files);
        extend(config, file.fd());
        return map(options, request(file.fd(), config), file.named(), config.typeName());
    }

    /** A file that holds nothing yet is made long enough; one that is too short holds something else: leave it alone. */
    private void extend(MemoryBackendConfig.File config, int fd) throws MemoryException {
        long size = sizeOf(config.id(), fd);
        if (size > config.offset()
                || config.readOnly()
                || (incoming && config.options().share())) {
            checkBackingSize(config.memPath(), fd, config.options().size(), config.offset());
        } else {
            resize(fd, Math.addExact(config.offset(), config.options().size()));
        }
    }

    /** The descriptor of that block; one must have come in if anything has. */
    private OptionalInt find(BackendOptions options) throws MemoryException {
        OptionalInt fd = descriptors.find(options.blockName(), 0);
        if (incoming && fd.isEmpty()) {
            throw new MemoryException("no descriptor for guest memory '" + options.blockName()
                    + "' came in: the old process must have the same memory backends, shared, under the same ids");
        }
        if (fd.isPresent() && !Fds.isOpen(fd.getAsInt())) {
            throw new MemoryException("the descriptor for guest memory '" + options.blockName() + "' is not open");
        }
        return fd;
    }

    private static void resize(int fd, long size) throws MemoryException {
        try {
            MemoryFiles.resize(fd, size);
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw new MemoryException("failed to resize memory file to " + size + ": " + e.text(), e);
        }
    }

    private static void seal(int fd, String id, int seals) throws MemoryException {
        try {
            MemoryFiles.seal(fd, seals);
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw new MemoryException("failed to seal memfd of '" + id + "': " + e.text(), e);
        }
    }

    private static long sizeOf(String id, int fd) throws MemoryException {
        try {
            return MemoryFiles.size(fd);
        } catch (ErrnoException e) {
            throw new MemoryException("can't get size of backing store of '" + id + "': " + e.text(), e);
        }
    }

    private static void checkBackingSize(String name, int fd, long size, long offset) throws MemoryException {
        long available = sizeOf(name, fd);
        if (available - offset < size) {
            throw new MemoryException(name + " backing store size 0x" + Long.toHexString(available)
                    + " is too small for 'size' option 0x" + Long.toHexString(size) + " plus 'offset' option 0x"
                    + Long.toHexString(offset));
        }
    }

    private static RamMapping.Request request(int fd, BackendOptions options) {
        return new RamMapping.Request(fd, 0, options.size(), 0, options.share(), true, options.reserve());
    }

    private static RamMapping.Request request(int fd, MemoryBackendConfig.Memfd config) {
        BackendOptions options = config.options();
        // Huge pages are reserved when they are mapped: a fault that finds none would kill the process.
        boolean reserve = options.reserve() || config.hugetlb();
        long align = config.hugetlb() ? config.hugetlbSize() : 0;
        return new RamMapping.Request(fd, 0, options.size(), align, options.share(), true, reserve);
    }

    private static RamMapping.Request request(int fd, MemoryBackendConfig.File config) {
        BackendOptions options = config.options();
        return new RamMapping.Request(
                fd,
                config.offset(),
                options.size(),
                config.align(),
                options.share(),
                !config.rom() && !(config.readOnly() && options.share()),
                options.reserve());
    }

    private static RamBlock map(BackendOptions options, RamMapping.Request request, boolean namedFile, String kind)
            throws MemoryException {
        try {
            long address = RamMapping.map(request);
            return new RamBlock(
                    options.blockName(), address, options.size(), request.fd(), options.share(), namedFile, kind);
        } catch (ErrnoException e) {
            throw cannotSetUp(options, e);
        }
    }

    private static MemoryException cannotSetUp(BackendOptions options, ErrnoException e) {
        return new MemoryException("cannot set up guest memory '" + options.blockName() + "': " + e.text(), e);
    }
}
