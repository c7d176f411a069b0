package dev.cprkit.vmm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.os.Mappings;
import dev.cprkit.vmm.os.MemoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real mappings of real files: what one allocator makes, a second one, as the next process would, finds. */
class RamAllocatorTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    @TempDir
    private Path directory;

    private final RamAllocator first = new RamAllocator(new CprState(), false);
    private final List<RamAllocator> made = new ArrayList<>(List.of(first));

    /** The next process, with what it is sent of the first one's memory by now. */
    private RamAllocator next() {
        return next(CprState.ofBlocks(first.blocks()));
    }

    private RamAllocator next(CprState sent) {
        made.add(new RamAllocator(sent, true));
        return made.getLast();
    }

    @AfterEach
    void release() throws ErrnoException {
        Set<Integer> fds = new HashSet<>();
        for (RamAllocator allocator : made) {
            for (RamBlock block : allocator.blocks()) {
                Mappings.unmap(block.hostAddress(), block.size());
                if (block.fd() >= 0) {
                    fds.add(block.fd());
                }
            }
        }
        fds.forEach(Fds::close);
    }

    private static MemoryBackendConfig.Memfd memfd(String id, long size, boolean share) {
        return new MemoryBackendConfig.Memfd(BackendOptions.of(id, size, share), true, false, 0);
    }

    private static MemoryBackendConfig.Shm shm(String id, long size) {
        return new MemoryBackendConfig.Shm(BackendOptions.of(id, size, true));
    }

    private static MemoryBackendConfig.Ram ram(String id, long size, boolean share) {
        return new MemoryBackendConfig.Ram(BackendOptions.of(id, size, share));
    }

    private MemoryBackendConfig.File file(String name, long size, boolean share, long offset) {
        return new MemoryBackendConfig.File(
                BackendOptions.of("f", size, share),
                directory.resolve(name).toString(),
                offset,
                0,
                false,
                false,
                false,
                false);
    }

    private static String refused(RamAllocator allocator, MemoryBackendConfig config) {
        MemoryException e = catchThrowableOfType(MemoryException.class, () -> allocator.backend(config));
        assertThat(e).as("%s must be refused", config).isNotNull();
        assertThat(e.getMessage()).doesNotContain("\n");
        return e.getMessage();
    }

    /** Whether a store through the block's mapping is seen through another mapping of its descriptor. */
    private static boolean reachesTheDescriptor(RamBlock block) throws ErrnoException {
        long other = Mappings.map(0, block.size(), Mappings.PROT_READ, Mappings.MAP_SHARED, block.fd(), 0);
        try {
            HostMemory.putLong(block.hostAddress() + block.size() - 8, 0x1122334455667788L);
            return HostMemory.getLong(other + block.size() - 8) == 0x1122334455667788L;
        } finally {
            Mappings.unmap(other, block.size());
        }
    }

    private static void assertUsable(RamBlock block) {
        assertThat(block.hostAddress() % Mappings.pageSize()).isZero();
        HostMemory.putLong(block.hostAddress(), 42);
        HostMemory.putLong(block.hostAddress() + block.size() - 8, 43);
        assertThat(HostMemory.getLong(block.hostAddress())).isEqualTo(42);
        assertThat(HostMemory.getLong(block.hostAddress() + block.size() - 8)).isEqualTo(43);
    }

    @Test
    void makesSharedBackendsThatTravelByName() throws Exception {
        for (MemoryBackendConfig config : List.of(memfd("a", MIB, true), shm("b", MIB), ram("c", MIB, true))) {
            RamBlock block = first.backend(config);
            assertUsable(block);
            assertThat(block.idstr()).isEqualTo(config.id());
            assertThat(block.kind()).isEqualTo(config.typeName());
            assertThat(block.survivesCpr()).isTrue();
            assertThat(block.namedFile()).isFalse();
            assertThat(reachesTheDescriptor(block)).isTrue();

            RamBlock same = next().backend(config);
            assertThat(same.fd()).isEqualTo(block.fd());
            assertThat(same.hostAddress()).isNotEqualTo(block.hostAddress());
            HostMemory.putLong(block.hostAddress() + 4096, 77);
            assertThat(HostMemory.getLong(same.hostAddress() + 4096)).isEqualTo(77);
        }
        assertThat(first.blocks()).extracting(RamBlock::idstr).containsExactly("a", "b", "c");
    }

    @Test
    void keepsPrivateMemoryToItself() throws Exception {
        RamBlock anonymous = first.backend(ram("a", MIB, false));
        assertUsable(anonymous);
        assertThat(anonymous.fd()).isEqualTo(-1);
        assertThat(anonymous.survivesCpr()).isFalse();
        RamBlock memfd = first.backend(memfd("b", MIB, false));
        assertUsable(memfd);
        assertThat(memfd.survivesCpr()).isFalse();
        assertThat(reachesTheDescriptor(memfd)).isFalse();
        assertThat(CprState.ofBlocks(first.blocks()).names()).isEmpty();
        assertUsable(next().backend(ram("a", MIB, false)));
    }

    @Test
    void makesTheDefaultRamPrivate() throws Exception {
        RamBlock block = first.defaultRam(8 * MIB);
        assertUsable(block);
        assertThat(block.idstr()).isEqualTo("riscv_virt_board.ram");
        assertThat(block.survivesCpr()).isFalse();
        assertThat(block.hostAddress() % (2 * MIB)).isZero();
    }

    @Test
    void sharesAuxiliaryBlocksOnlyIfAsked() throws Exception {
        RamBlock rom = first.auxiliary("riscv_virt_board.mrom", 61440, true);
        assertUsable(rom);
        assertThat(rom.survivesCpr()).isTrue();
        assertThat(rom.kind()).isEqualTo("aux");
        assertThat(MemoryFiles.seals(rom.fd())).isEqualTo(MemoryFiles.F_SEAL_SHRINK);
        assertThat(next().auxiliary("riscv_virt_board.mrom", 61440, true).fd()).isEqualTo(rom.fd());
        assertThat(first.auxiliary("x", 1, false).survivesCpr()).isFalse();
        assertThat(first.blocks().getLast().size()).isEqualTo(Mappings.pageSize());
    }

    @Test
    void growsAReusedDescriptorOfRamButNotASealedOne() throws Exception {
        RamBlock small = first.backend(ram("a", MIB, true));
        RamBlock grown = next().backend(ram("a", 2 * MIB, true));
        assertThat(MemoryFiles.size(small.fd())).isEqualTo(2 * MIB);
        assertUsable(grown);
        first.backend(memfd("b", MIB, true));
        assertThat(refused(next(), memfd("b", 2 * MIB, true)))
                .isEqualTo("b backing store size 0x100000 is too small for 'size' option 0x200000"
                        + " plus 'offset' option 0x0");
        first.backend(shm("c", MIB));
        assertThat(refused(next(), shm("c", 2 * MIB))).startsWith("c backing store size 0x100000 is too small");
    }

    @Test
    void mapsTheStartOfAReusedDescriptorThatIsLarger() throws Exception {
        RamBlock large = first.backend(memfd("a", 2 * MIB, true));
        RamBlock small = next().backend(memfd("a", MIB, true));
        assertThat(small.size()).isEqualTo(MIB);
        assertThat(MemoryFiles.size(large.fd())).isEqualTo(2 * MIB);
    }

    @Test
    void sealsAMemfdAgainstEveryChangeOfSize() throws Exception {
        RamBlock block = first.backend(memfd("a", MIB, true));
        assertThat(MemoryFiles.seals(block.fd()))
                .isEqualTo(MemoryFiles.F_SEAL_SEAL | MemoryFiles.F_SEAL_SHRINK | MemoryFiles.F_SEAL_GROW);
        assertThatThrownBy(() -> MemoryFiles.resize(block.fd(), 2 * MIB)).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> MemoryFiles.resize(block.fd(), 0)).isInstanceOf(ErrnoException.class);
        RamBlock loose =
                first.backend(new MemoryBackendConfig.Memfd(BackendOptions.of("b", MIB, true), false, false, 0));
        MemoryFiles.resize(loose.fd(), 2 * MIB);
    }

    @Test
    void leavesNoNameOfPosixSharedMemory() throws Exception {
        RamBlock block = first.backend(shm("a", MIB));
        Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + block.fd()));
        assertThat(target.toString()).startsWith("/dev/shm/vmm-").endsWith(" (deleted)");
        assertThat(Path.of(target.toString().replace(" (deleted)", ""))).doesNotExist();
    }

    @Test
    void namesMemfdsAsQemuDoes() throws Exception {
        RamBlock memfd = first.backend(memfd("a", MIB, true));
        RamBlock ram = first.backend(ram("b", MIB, true));
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + memfd.fd()))
                        .toString())
                .isEqualTo("/memfd:memory-backend-memfd (deleted)");
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + ram.fd())).toString())
                .isEqualTo("/memfd:b (deleted)");
    }

    @Test
    void refusesAnIncomingGuestWhoseMemoryIsMissing() throws Exception {
        String text = "no descriptor for guest memory 'a' came in: the old process must have the same memory backends,"
                + " shared, under the same ids";
        assertThat(refused(next(), memfd("a", MIB, true))).isEqualTo(text);
        assertThat(refused(next(), shm("a", MIB))).isEqualTo(text);
        assertThat(refused(next(), ram("a", MIB, true))).isEqualTo(text);
        assertThatThrownBy(() -> next().auxiliary("rom", 4096, true))
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining("'rom'");
    }

    @Test
    void refusesToReplaceMemoryThatCameInByPrivateMemory() throws Exception {
        first.backend(memfd("a", MIB, true));
        first.auxiliary("rom", 4096, true);
        RamAllocator next = next();
        String needsSharing =
                " came in shared, so it must be shared here too: share=on for a backend, aux-ram-share=on for the"
                        + " machine's own";
        assertThat(refused(next, memfd("a", MIB, false))).isEqualTo("guest memory 'a'" + needsSharing);
        assertThat(refused(next, ram("a", MIB, false))).isEqualTo("guest memory 'a'" + needsSharing);
        assertThatThrownBy(() -> next.auxiliary("rom", 4096, false))
                .isInstanceOf(MemoryException.class)
                .hasMessage("guest memory 'rom'" + needsSharing);
        assertThatThrownBy(() -> next.defaultRam(MIB))
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining("memory-backend=ID");
        assertThat(next.blocks()).isEmpty();
    }

    @Test
    void neverReplacesADescriptorThatCannotBeMapped() throws Exception {
        CprState sent = new CprState();
        int empty = Fds.open("/dev/null", Fds.O_RDWR, 0);
        Path file = Files.write(directory.resolve("readonly"), new byte[(int) MIB]);
        int readOnly = Fds.open(file.toString(), Fds.O_RDONLY, 0);
        sent.add("a", 0, empty);
        sent.add("b", 0, readOnly);
        sent.add("c", 0, 1_000_000);
        RamAllocator next = next(sent);
        assertThat(refused(next, memfd("a", MIB, true))).startsWith("a backing store size 0x0 is too small");
        assertThat(refused(next, memfd("b", MIB, true))).isEqualTo("cannot set up guest memory 'b': Permission denied");
        assertThat(refused(next, memfd("c", MIB, true))).isEqualTo("the descriptor for guest memory 'c' is not open");
        assertThat(next.blocks()).isEmpty();
        Fds.close(empty);
        Fds.close(readOnly);
    }

    @Test
    void givesANameOnceOnly() throws Exception {
        RamBlock block = first.backend(memfd("a", MIB, true));
        String taken = "guest memory 'a' is there already: give each memory backend an id that nothing else has";
        assertThat(refused(first, ram("a", MIB, false))).isEqualTo(taken);
        assertThatThrownBy(() -> first.auxiliary("a", 4096, true)).hasMessage(taken);
        assertThat(first.blocks()).containsExactly(block);
        first.machineFinished();
        first.remove(block);
        assertUsable(first.backend(memfd("a", MIB, true)));
    }

    @Test
    void makesAndReopensFiles() throws Exception {
        RamBlock block = first.backend(file("ram", MIB, true, 0));
        assertUsable(block);
        assertThat(block.namedFile()).isTrue();
        assertThat(block.survivesCpr()).isTrue();
        assertThat(CprState.ofBlocks(first.blocks()).names()).isEmpty();
        assertThat(Files.size(directory.resolve("ram"))).isEqualTo(MIB);
        RamBlock same = next().backend(file("ram", MIB, true, 0));
        assertThat(same.fd()).isNotEqualTo(block.fd());
        assertThat(HostMemory.getLong(same.hostAddress())).isEqualTo(42);
    }

    @Test
    void reopensNoFileThatIsGone() {
        assertThat(refused(next(), file("gone", MIB, true, 0)))
                .isEqualTo("can't open backing store " + directory.resolve("gone")
                        + " for guest RAM: No such file or directory");
        assertThat(directory.resolve("gone")).doesNotExist();
    }

    @Test
    void keepsThePartsOfAFileThatAreNotItsOwn() throws Exception {
        Path small = Files.write(directory.resolve("small"), new byte[8192]);
        assertThat(refused(first, file("small", MIB, true, 0)))
                .isEqualTo(small + " backing store size 0x2000 is too small for 'size' option 0x100000"
                        + " plus 'offset' option 0x0");
        assertThat(Files.size(small)).isEqualTo(8192);
        Path path = directory.resolve("ram");
        RamBlock block = first.backend(file("ram", MIB, true, MIB));
        assertThat(Files.size(path)).isEqualTo(2 * MIB);
        HostMemory.putByte(block.hostAddress(), (byte) 9);
        assertThat(Files.readAllBytes(path)[(int) MIB]).isEqualTo((byte) 9);
    }

    @Test
    void keepsAPrivateFileAsItIs() throws Exception {
        byte[] content = new byte[(int) MIB];
        content[0] = 5;
        Path path = Files.write(directory.resolve("image"), content);
        RamBlock block = first.backend(file("image", MIB, false, 0));
        assertThat(HostMemory.getByte(block.hostAddress())).isEqualTo((byte) 5);
        HostMemory.putByte(block.hostAddress(), (byte) 6);
        assertThat(Files.readAllBytes(path)[0]).isEqualTo((byte) 5);
    }

    @Test
    void makesAFileWithoutANameInADirectory() throws Exception {
        RamBlock block = first.backend(file(".", MIB, true, 0));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        assertThat(block.namedFile()).isFalse();
        assertThat(next().backend(file(".", MIB, true, 0)).fd()).isEqualTo(block.fd());
    }

    @Test
    void throwsAwayTheDataOfFilesOnlyWhenTold() throws Exception {
        MemoryBackendConfig.File config = file("ram", MIB, true, 0);
        RamBlock block = first.backend(
                new MemoryBackendConfig.File(config.options(), config.memPath(), 0, 0, true, false, false, false));
        assertUsable(block);
        first.discardData();
        assertThat(HostMemory.getLong(block.hostAddress())).isZero();
    }

    @Test
    void mapsAReadOnlyFilePrivately() throws Exception {
        Path path = Files.write(directory.resolve("ro"), new byte[(int) MIB]);
        assertThat(path.toFile().setReadOnly()).isTrue();
        MemoryBackendConfig.File config = file("ro", MIB, false, 0);
        assertThat(refused(
                        first,
                        new MemoryBackendConfig.File(
                                config.options(), directory + "/no", 0, 0, false, true, false, false)))
                .startsWith("can't open backing store " + directory + "/no for guest RAM: ");
        assertUsable(first.backend(
                new MemoryBackendConfig.File(config.options(), config.memPath(), 0, 0, false, true, false, false)));
    }

    @Test
    void refusesWhatItCannotDo() throws IOException {
        assertThat(refused(first, memfd("a", 1000, true)))
                .isEqualTo("backend 'a' memory size must be multiple of " + Mappings.pageSize() / 1024 + " KiB");
        assertThat(refused(first, ram("a", 0, true))).isEqualTo("can't create backend with size 0");
        assertThat(refused(first, new MemoryBackendConfig.Epc(BackendOptions.of("e", MIB, false))))
                .startsWith("invalid object type: memory-backend-epc");
        assertThat(refused(first, file("x", MIB, true, 100)))
                .isEqualTo("offset 0x64 of 'f' must be multiple of page size 0x1000");
        assertThat(refused(first, file("no/such", MIB, true, 0)))
                .isEqualTo(
                        "can't open backing store " + directory + "/no/such for guest RAM: No such file or directory");
        assertThat(refused(first, new MemoryBackendConfig.Memfd(BackendOptions.of("h", MIB, true), true, true, 0)))
                .isEqualTo("failed to resize memory file to 1048576: Invalid argument");
        assertThat(refused(
                        first,
                        new MemoryBackendConfig.File(
                                BackendOptions.of("p", MIB, true), "/x", 0, 0, false, false, false, true)))
                .isEqualTo("pmem=on of 'p' is not supported: there is no libpmem here");
        assertThat(first.blocks()).isEmpty();
    }

    @Test
    void refusesMoreThanTheAddressSpaceHolds() {
        for (MemoryBackendConfig config : List.of(
                memfd("a", 1L << 50, true),
                memfd("a", 1L << 50, false),
                shm("a", 1L << 50),
                ram("a", 1L << 50, false))) {
            assertThat(refused(first, config)).isEqualTo("cannot set up guest memory 'a': Cannot allocate memory");
        }
        assertThat(refused(first, ram("a", Long.MAX_VALUE & -4096, false)))
                .isEqualTo("cannot set up guest memory 'a': Cannot allocate memory");
    }

    @Test
    void takesMemoryThatTheHostHasNotAsLongAsItIsNotUsed() throws Exception {
        assertUsable(first.backend(memfd("a", 16 * GIB, true)));
        assertUsable(first.backend(shm("b", 16 * GIB)));
        assertUsable(first.backend(ram("c", 64 * GIB, false)));
        assertUsable(first.backend(file("sparse", 16 * GIB, true, 0)));
    }

    @Test
    void preallocates() throws Exception {
        RamBlock block = first.backend(new MemoryBackendConfig.Memfd(
                new BackendOptions("a", MIB, true, true, true, false, true, false), true, false, 0));
        assertThat(allocated(block)).isEqualTo(MIB);
        assertThat(allocated(first.backend(memfd("b", MIB, true)))).isZero();
    }

    /** How many bytes of the file have memory behind them. Java cannot ask a file that has no name. */
    private static long allocated(RamBlock block) throws IOException, InterruptedException {
        String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + block.fd();
        Process stat = new ProcessBuilder("stat", "-L", "-c", "%b", path).start();
        String text = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(stat.waitFor()).isZero();
        return Long.parseLong(text.trim()) * 512;
    }
}
