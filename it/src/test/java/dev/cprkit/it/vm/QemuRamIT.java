package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.it.cprctl.QemuUnderTest;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.migration.ram.DescriptorFile;
import dev.cprkit.vmm.migration.ram.RamLoader;
import dev.cprkit.vmm.migration.ram.RamPlan;
import dev.cprkit.vmm.os.FilePositions;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * RAM in files that a QEMU has written is what was in its guest's RAM, and a QEMU reads RAM in files of ours; with pages
 * in the stream and with pages in places of their own.
 */
@Timeout(120)
class QemuRamIT {
    private static final int RAM = 32 << 20;

    /** What {@code -M virt} of QEMU has, in the order of its creation, as far as that matters here. */
    private record Block(String name, long size) {}

    private static final List<Block> BLOCKS = List.of(
            new Block("riscv_virt_board.ram", RAM),
            new Block("virt.flash0", RAM),
            new Block("virt.flash1", RAM),
            new Block("/rom@etc/acpi/tables", 0x20000),
            new Block("/rom@etc/table-loader", 0x1000),
            new Block("riscv_virt_board.mrom", 0xf000),
            new Block("/rom@etc/acpi/rsdp", 0x1000));

    @TempDir
    private Path folder;

    static Stream<Arguments> qemus() throws Exception {
        List<Arguments> cases = new ArrayList<>();
        for (Optional<Path> qemu : List.of(QemuUnderTest.find(), QemuUnderTest.newest())) {
            for (boolean mapped : List.of(false, true)) {
                cases.add(Arguments.of(qemu, mapped));
            }
        }
        return cases.stream();
    }

    /** Runs QMP commands, one after the other, in a QEMU that ends with the last; returns all that it prints. */
    private String qemu(Path qemu, List<String> options, List<String> commands) throws Exception {
        List<String> command = new ArrayList<>(List.of(qemu.toString(), "-M", "virt", "-m", "32M", "-nodefaults"));
        command.addAll(List.of("-display", "none", "-qmp", "stdio"));
        command.addAll(options);
        Path output = folder.resolve("qemu.out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
            for (String line : commands) {
                if (line.startsWith("await ")) {
                    Await.until(
                            VmProcess.LIMIT,
                            () -> line + "; it printed " + text(output),
                            () -> text(output).contains(line.substring(6)));
                } else {
                    in.write((line.replace('\'', '"') + "\n").getBytes(StandardCharsets.US_ASCII));
                    in.flush();
                }
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return text(output);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    private static String capability(boolean mapped) {
        return "{'execute':'migrate-set-capabilities','arguments':{'capabilities':["
                + "{'capability':'events','state':true},{'capability':'mapped-ram','state':" + mapped + "}]}}";
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void ramOfAQemuIsRead(Optional<Path> qemu, boolean mapped) throws Exception {
        assumeTrue(qemu.isPresent(), QemuUnderTest.reason());
        Path state = folder.resolve("state");
        Path memory = folder.resolve("memory");
        String console = folder.resolve("console").toString();
        String printed = qemu(
                qemu.get(),
                List.of("-bios", "none", "-kernel", BareGuest.image().toString(), "-serial", "file:" + console),
                List.of(
                        "{'execute':'qmp_capabilities'}",
                        capability(mapped),
                        "{'execute':'migrate','arguments':{'uri':'file:" + state + ",offset=4096'}}",
                        "await 'completed'".replace('\'', '"'),
                        "{'execute':'pmemsave','arguments':{'val':2147483648,'size':" + RAM + ",'filename':'" + memory
                                + "'}}",
                        "{'execute':'quit'}"));
        assertThat(printed).doesNotContain("error");
        try (Arena arena = Arena.ofConfined()) {
            RamBlock ram = load(state, mapped, arena);
            byte[] loaded = new byte[RAM];
            HostMemory.read(ram.hostAddress(), loaded, 0, RAM);
            assertThat(loaded).isEqualTo(Files.readAllBytes(memory));
            assertThat(loaded).startsWith(Files.readAllBytes(BareGuest.image()));
        }
    }

    /** Loads RAM from a file at offset 4096; returns the largest block, which is the guest's RAM. */
    private static RamBlock load(Path state, boolean mapped, Arena arena) throws Exception {
        List<RamBlock> blocks = new ArrayList<>();
        for (Block block : BLOCKS) {
            long host = arena.allocate(block.size(), 4096).address();
            blocks.add(new RamBlock(block.name(), host, block.size(), -1, false, false, "test"));
        }
        RamPlan plan = RamPlan.of(blocks, block -> 0, RamPlan.Pages.ALL, false, mapped);
        int fd = Fds.open(state.toString(), Fds.O_RDONLY, 0);
        try {
            FilePositions.seek(fd, 4096);
            StateInput in = StateInput.from(new FileSource(fd));
            in.skip(4 + 4 + 1); // magic, version, the configuration's mark
            in.skip(in.u32());
            if (mapped) {
                in.skip(1); // its subsection: the list of capabilities
                assertThat(in.counted()).isEqualTo("configuration/capabilities");
                in.skip(4);
                assertThat(in.u32()).isEqualTo(1);
                assertThat(in.counted()).isEqualTo("mapped-ram");
            }
            RamLoader loader = new RamLoader(plan, Optional.of(new DescriptorFile(fd)));
            int sections = 0;
            for (int type = in.u8(); type != 4; type = in.u8()) {
                switch (type) {
                    case 1 -> {
                        in.skip(4);
                        assertThat(in.counted()).isEqualTo("ram");
                        in.skip(8);
                    }
                    case 2, 3 -> in.skip(4);
                    case 8 -> {
                        in.skip(4); // a command
                        continue;
                    }
                    default -> throw new AssertionError("a section of type " + type);
                }
                loader.load(in);
                assertThat(in.u8()).isEqualTo(0x7e);
                in.skip(4);
                sections++;
            }
            assertThat(sections).isGreaterThan(1);
            return blocks.getFirst();
        } finally {
            Fds.close(fd);
        }
    }

    /** A file, read from where it stands. */
    private record FileSource(int fd) implements StateInput.Source {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                int n = Fds.read(fd, into, offset, length);
                return n == 0 ? -1 : n;
            } catch (ErrnoException e) {
                throw new IOException(e);
            }
        }

        @Override
        public int readDescriptor(StateInput in) {
            throw new AssertionError("a file has none");
        }
    }

    /** Its devices differ from ours, so the load ends there; what comes before is RAM, and is in the guest's. */
    @ParameterizedTest
    @MethodSource("qemus")
    void aQemuReadsOurRam(Optional<Path> qemu, boolean mapped) throws Exception {
        assumeTrue(qemu.isPresent(), QemuUnderTest.reason());
        Path state = folder.resolve("ours");
        SweepingGuest guest = new SweepingGuest(folder.resolve("console"));
        try (VmProcess vm = VmProcess.start(folder, "vm", guest.options(folder))) {
            guest.awaitRounds();
            vm.execute("stop");
            vm.execute(
                    "migrate-set-capabilities",
                    "{'capabilities':[{'capability':'mapped-ram','state':" + mapped + "}]}");
            vm.execute("migrate", "{'uri':'file:" + state + ",offset=4096'}");
            vm.awaitMigration("completed");
        }
        Path memory = folder.resolve("memory");
        List<String> commands = new ArrayList<>(List.of(
                "{'execute':'qmp_capabilities'}",
                capability(mapped),
                "{'execute':'migrate-incoming','arguments':{'uri':'file:" + state
                        + ",offset=4096','exit-on-error':false}}",
                "await 'failed'".replace('\'', '"'),
                "{'execute':'pmemsave','arguments':{'val':2147483648,'size':" + RAM + ",'filename':'" + memory + "'}}",
                "{'execute':'query-migrate'}",
                "{'execute':'quit'}"));
        String printed = qemu(qemu.get(), List.of("-incoming", "defer"), commands);
        assertThat(printed).contains("error while loading state for instance 0x0 of device 'cpu'");
        if (Files.exists(memory)) { // the newest does not show the memory of a guest that has not come
            try (Arena arena = Arena.ofConfined()) {
                RamBlock ram = load(state, mapped, arena);
                byte[] ours = new byte[RAM];
                HostMemory.read(ram.hostAddress(), ours, 0, RAM);
                assertThat(Files.readAllBytes(memory)).isEqualTo(ours);
            }
        }
    }
}
