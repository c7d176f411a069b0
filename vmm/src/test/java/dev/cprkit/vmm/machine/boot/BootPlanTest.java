package dev.cprkit.vmm.machine.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.vmm.device.TestRam;
import dev.cprkit.vmm.machine.boot.BootPlan.Place;
import dev.cprkit.vmm.machine.config.Firmware;
import dev.cprkit.vmm.memory.HostMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BootPlanTest {
    private static final long RAM = 0x8000_0000L;
    private static final int RISCV = 243;
    private static final Path OPENSBI = Path.of("/usr/lib/riscv64-linux-gnu/opensbi/generic");

    @TempDir
    private Path directory;

    private Path image;
    private Path raw;
    private Path initrd;

    @BeforeEach
    void files() throws Exception {
        image = BootFiles.image(directory.resolve("Image"), 65536, 0x20_0000, 0x100_0000);
        raw = BootFiles.filled(directory.resolve("raw"), 4096, 7);
        initrd = BootFiles.filled(directory.resolve("initrd"), 5000, 9);
    }

    private static BootPlan plan(Firmware firmware, Path kernel, Path initrd, long megabytes) throws BootException {
        return BootPlan.prepare(new BootRequest(
                firmware, Optional.ofNullable(kernel), Optional.ofNullable(initrd), RAM, megabytes << 20));
    }

    private static Firmware builtIn() {
        return new Firmware.BuiltIn();
    }

    private static Firmware none() {
        return new Firmware.None();
    }

    /** The places were read off QEMU 11.1 with {@code info roms}, for the same files. */
    @ParameterizedTest
    @CsvSource({
        "64, 0x82200000, 0x83e00000",
        "256, 0x88200000, 0x8fe00000",
        "1024, 0xa0200000, 0xbfe00000",
        "4096, 0xa0200000, 0x17fe00000",
        "8192, 0xa0200000, 0x27fe00000"
    })
    void everythingIsWhereQemuPutsItBehindFirmware(long megabytes, String initrdAt, String treeAt) throws Exception {
        Path firmware = BootFiles.filled(directory.resolve("fw.bin"), 0x1c280, 1);
        for (Path kernel : new Path[] {image, raw}) {
            try (BootPlan plan = plan(new Firmware.File(firmware), kernel, initrd, megabytes)) {
                assertThat(plan.start()).isEqualTo(RAM);
                assertThat(plan.kernelEntry()).isEqualTo(0x8020_0000L);
                long start = Long.decode(initrdAt);
                assertThat(plan.initrd()).contains(new Place(start, start + 5000));
                assertThat(plan.placeDeviceTree(0x1419)).isEqualTo(Long.decode(treeAt));
            }
        }
    }

    @Test
    void withoutFirmwareAFlatKernelStartsWithRam() throws Exception {
        for (Path kernel : new Path[] {image, raw}) {
            try (BootPlan plan = plan(none(), kernel, null, 64)) {
                assertThat(plan.start()).isEqualTo(RAM);
                assertThat(plan.kernelEntry()).isEqualTo(RAM);
            }
        }
        try (BootPlan plan = plan(none(), null, null, 64)) {
            assertThat(plan.start()).isEqualTo(RAM);
            assertThat(plan.kernelEntry()).isZero();
            assertThat(plan.initrd()).isEmpty();
        }
    }

    @Test
    void theBuiltInSbiHonoursTheTextOffset() throws Exception {
        Path other = BootFiles.image(directory.resolve("other"), 4096, 0x40_0000, 4096);
        try (BootPlan plan = plan(builtIn(), image, null, 64);
                BootPlan further = plan(builtIn(), other, null, 64);
                BootPlan without = plan(builtIn(), raw, null, 64)) {
            assertThat(plan.start()).isEqualTo(0x8020_0000L);
            assertThat(further.start()).isEqualTo(0x8040_0000L);
            assertThat(without.start()).isEqualTo(0x8020_0000L);
        }
    }

    @Test
    void elfFilesGoWhereTheySayAndVirtualEntriesAreTranslated() throws Exception {
        Path elf = BootFiles.elf(
                directory.resolve("vmlinux"), RISCV, 0xffff_ffff_8000_0008L, 0xffff_ffff_8000_0000L, 0x8060_0000L);
        try (BootPlan plan = plan(none(), elf, null, 64);
                TestRam ram = new TestRam(64 << 20)) {
            assertThat(plan.start()).isEqualTo(0x8060_0008L);
            HostMemory.putLong(ram.host(0x8060_0038L), -1L);
            plan.load(ram.memory());
            assertThat(ram.u64(0x8060_0000L)).isEqualTo(0x0807_0605_0403_0201L);
            assertThat(ram.u64(0x8060_0038L)).as("bss").isZero();
        }
    }

    @Test
    void filesAreCopiedWholeAndAgainAfterTheirNamesAreGone() throws Exception {
        try (BootPlan plan = plan(builtIn(), image, initrd, 64);
                TestRam ram = new TestRam(64 << 20)) {
            plan.load(ram.memory());
            byte[] loaded = new byte[65536];
            ram.memory().read(0x8020_0000L, loaded, 0, loaded.length);
            assertThat(loaded).isEqualTo(Files.readAllBytes(image));
            byte[] disk = new byte[5001];
            ram.memory().read(0x8220_0000L, disk, 0, disk.length);
            assertThat(Arrays.copyOf(disk, 5000)).containsOnly(9);
            assertThat(disk[5000]).isZero();

            Files.delete(image);
            ram.memory().write(0x8020_0000L, new byte[65536], 0, 65536);
            plan.load(ram.memory());
            ram.memory().read(0x8020_0000L, disk, 0, 100);
            assertThat(Arrays.copyOf(disk, 100)).isEqualTo(Arrays.copyOf(loaded, 100));
        }
    }

    @Test
    void aFileThatShrinksIsAnError() throws Exception {
        try (BootPlan plan = plan(builtIn(), image, null, 64);
                TestRam ram = new TestRam(64 << 20)) {
            Files.write(image, new byte[10]);
            assertThatThrownBy(() -> plan.load(ram.memory()))
                    .isInstanceOf(BootException.class)
                    .hasMessage("could not load kernel '" + image + "': it has changed while it was used");
        }
    }

    private void refused(String message, Firmware firmware, Path kernel, Path disk, long megabytes) {
        assertThatThrownBy(() -> plan(firmware, kernel, disk, megabytes).close())
                .isInstanceOf(BootException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void whatCannotBeBootedIsRefusedWithAReason() throws Exception {
        Path missing = directory.resolve("missing");
        refused("could not load kernel '" + missing + "': No such file or directory", builtIn(), missing, null, 64);
        refused("could not load firmware '" + missing + "': No such", new Firmware.File(missing), null, null, 64);
        refused("could not load initrd '" + missing + "': No such", builtIn(), image, missing, 64);
        refused("Is a directory", builtIn(), directory, null, 64);
        refused("the file is empty", builtIn(), Files.createFile(directory.resolve("empty")), null, 64);

        Path gzip = Files.write(directory.resolve("gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
        refused("compressed with gzip", builtIn(), gzip, null, 64);
        Path efi = Files.write(directory.resolve("efi"), "MZ\0\0zimg".getBytes(StandardCharsets.US_ASCII));
        refused("compressed EFI kernel", builtIn(), efi, null, 64);
        ByteBuffer arm = ByteBuffer.allocate(4096).putInt(0x38, 0x41524d64);
        refused("for arm64", builtIn(), Files.write(directory.resolve("arm"), arm.array()), null, 64);
        ByteBuffer x86 = ByteBuffer.allocate(4096).put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        refused("for x86", builtIn(), Files.write(directory.resolve("x86"), x86.array()), null, 64);
        Path other = BootFiles.elf(directory.resolve("amd64"), 62, RAM, RAM, RAM);
        refused("another architecture (machine 62", builtIn(), other, null, 64);
        byte[] narrow = BootFiles.elf(RISCV, RAM, RAM, RAM);
        narrow[4] = 1;
        refused("32-bit ELF", none(), Files.write(directory.resolve("rv32"), narrow), null, 64);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 63, 100, 0x1000, 0x101f})
    void aTruncatedElfFileIsRefused(int size) throws Exception {
        byte[] whole = BootFiles.elf(RISCV, RAM, RAM, RAM);
        refused("it is truncated", none(), Files.write(directory.resolve("cut"), Arrays.copyOf(whole, size)), null, 64);
    }

    @Test
    void anyHeaderIsPlacedOrRefused() throws Exception {
        long seed = 20_261_120L;
        Random random = new Random(seed);
        byte[] elf = BootFiles.elf(RISCV, RAM, RAM, RAM);
        byte[] flat = Files.readAllBytes(image);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = (random.nextBoolean() ? elf : flat).clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                bytes[4 + random.nextInt(116)] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
            }
            Path kernel = Files.write(directory.resolve("mutant"), bytes);
            try (BootPlan plan = plan(random.nextBoolean() ? builtIn() : none(), kernel, initrd, 64)) {
                Place place = plan.initrd().orElseThrow();
                assertThat(place.start()).as("seed %d, round %d", seed, round).isBetween(RAM, RAM + (64L << 20));
            } catch (BootException e) {
                assertThat(e).as("seed %d, round %d", seed, round).hasMessageStartingWith("could not load ");
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() throws Exception {
        refused("give the machine more with -m", builtIn(), image, null, 16);
        Path elsewhere = BootFiles.elf(directory.resolve("elf"), RISCV, 0x1000, 0x1000, 0x1000);
        refused("64 bytes at 0x1000, but RAM is 64 MiB at 0x80000000", none(), elsewhere, null, 64);
        Path around = BootFiles.elf(directory.resolve("end"), RISCV, -16, -16, -16);
        refused("but RAM is 64 MiB", none(), around, null, 64);
        Path large = BootFiles.filled(directory.resolve("large"), 40 << 20, 1);
        refused("could not load initrd '" + large, builtIn(), image, large, 64);
        Path firmware = BootFiles.filled(directory.resolve("fw"), 4096, 1);
        Path onTop = BootFiles.elf(directory.resolve("top"), RISCV, RAM, RAM, RAM);
        refused("is taken by something", new Firmware.File(firmware), onTop, null, 64);
        try (BootPlan plan = plan(builtIn(), image, initrd, 34)) {
            assertThatThrownBy(() -> plan.placeDeviceTree(16 << 20))
                    .isInstanceOf(BootException.class)
                    .hasMessageContaining("no room for the device tree");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fw_dynamic.bin", "fw_dynamic.elf", "fw_jump.bin", "fw_jump.elf"})
    void openSbiOfDebianHasItsPlace(String name) throws Exception {
        Path firmware = OPENSBI.resolve(name);
        assumeTrue(Files.isReadable(firmware), firmware + " is not installed (Debian: opensbi)");
        try (BootPlan plan = plan(new Firmware.File(firmware), image, initrd, 128)) {
            assertThat(plan.start()).isEqualTo(RAM);
            assertThat(plan.kernelEntry()).isEqualTo(0x8020_0000L);
        }
    }

    /** What {@code xp /24wx 0x1000} shows in QEMU 11.1 with firmware, a kernel and 64 MiB. */
    @Test
    void theResetVectorIsQemus() {
        byte[] bytes = ResetVector.bytes(RAM, 0x83e0_0000L, 0x8020_0000L);
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("97020000" + "13868202" + "732540f1" + "83b50202" + "83b28201" + "67800200"
                        + "0000008000000000" + "0000e08300000000" + "4f53424900000000" + "0200000000000000"
                        + "0000208000000000" + "0100000000000000" + "0000000000000000" + "0000000000000000");
    }

    @Test
    void aDeviceTreeFileThatIsNoneIsRefused() throws Exception {
        assertThatThrownBy(() -> DeviceTreeFile.read(raw))
                .isInstanceOf(BootException.class)
                .hasMessage(
                        "could not load device tree '" + raw + "': it does not begin with the magic number 0xd00dfeed");
        assertThatThrownBy(() -> DeviceTreeFile.read(directory.resolve("none.dtb")))
                .hasMessageContaining("No such file or directory");
    }
}
