package dev.cprkit.it.cprctl;

import dev.cprkit.it.vm.BareGuest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A machine of 32 MiB with a guest that tells on its first serial line how it is: {@code N COUNT TIME ok} each time that it
 * has found a pattern in its memory whole. Between the lines it sleeps.
 */
enum GuestMachine {
    /**
     * guest/bare, with a line each 25 ms about all of a pattern of 64 KiB. It runs in S mode, with the timer of the
     * processor: QEMU 10.0 forgets the deadline of the machine's timer (ACLINT) in every migration, and a guest in M mode
     * that sleeps until then never wakes.
     */
    RISCV64("virt", "spike") {
        @Override
        List<String> guest(Path folder) throws IOException {
            ByteBuffer code =
                    ByteBuffer.wrap(Files.readAllBytes(BareGuest.image())).order(ByteOrder.LITTLE_ENDIAN);
            code.putLong(PATTERN_SIZE, 0x10000).putLong(TICK, 250_000);
            Path image = Files.write(folder.resolve("guest.bin"), code.array());
            return List.of("-kernel", image.toString());
        }

        @Override
        List<String> devices(Path folder) throws IOException {
            Path disk = Files.write(folder.resolve("disk.img"), new byte[DISK]);
            return List.of(
                    "-drive",
                    "if=none,id=d0,format=raw,file=" + disk,
                    "-device",
                    "virtio-blk-device,drive=d0",
                    "-netdev",
                    "user,id=n0",
                    "-device",
                    "virtio-net-device,netdev=n0");
        }
    },
    /** guest/x86, with a line each 1/9 s. It is on the disk, so the disk is always there. */
    X86("pc", "q35") {
        @Override
        List<String> guest(Path folder) throws IOException {
            byte[] sector = Files.readAllBytes(
                    BareGuest.image().resolveSibling("../x86/boot.bin").normalize());
            Path disk = Files.write(folder.resolve("disk.img"), Arrays.copyOf(sector, DISK));
            return List.of(
                    "-drive",
                    "if=none,id=d0,format=raw,file=" + disk,
                    "-device",
                    "virtio-blk-pci,drive=d0,bootindex=0");
        }

        @Override
        List<String> devices(Path folder) {
            return List.of("-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,romfile=");
        }
    };

    /** Where guest/bare/bare.S has these numbers. */
    private static final int PATTERN_SIZE = 16;

    private static final int TICK = 24;

    private static final int DISK = 1 << 20;

    private final String type;
    private final String otherType;

    GuestMachine(String type, String otherType) {
        this.type = type;
        this.otherType = otherType;
    }

    /** The options that bring the guest in, from files made in {@code folder}. */
    abstract List<String> guest(Path folder) throws IOException;

    /** The options of a disk and a network card in user mode. */
    abstract List<String> devices(Path folder) throws IOException;

    /** The options of the machine itself, with all of its memory shared. */
    List<String> board() {
        return new ArrayList<>(List.of(
                "-M",
                type + ",aux-ram-share=on,memory-backend=ram0",
                "-object",
                "memory-backend-memfd,id=ram0,size=32M,share=on",
                "-m",
                "32M",
                "-nodefaults",
                "-display",
                "none"));
    }

    /** What sed(1) makes another machine of the options with. */
    String toOtherMachine() {
        return "s/" + type + "[^,]*,aux/" + otherType + ",aux/";
    }
}
