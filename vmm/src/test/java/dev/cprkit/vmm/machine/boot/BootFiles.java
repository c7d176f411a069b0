package dev.cprkit.vmm.machine.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Kernels made up for a test. */
final class BootFiles {
    private BootFiles() {}

    /** A file of equal bytes. */
    static Path filled(Path path, int size, int value) throws IOException {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return Files.write(path, bytes);
    }

    /** A flat kernel with Linux's header. */
    static Path image(Path path, int fileSize, long textOffset, long imageSize) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(fileSize).order(ByteOrder.LITTLE_ENDIAN);
        image.putLong(8, textOffset).putLong(16, imageSize).putInt(0x38, 0x05435352);
        for (int i = 64; i < fileSize; i++) {
            image.put(i, (byte) i);
        }
        return Files.write(path, image.array());
    }

    /** An ELF file of one segment: 32 bytes in the file at 0x1000, 64 in memory. */
    static Path elf(Path path, int machine, long entry, long virtual, long physical) throws IOException {
        return Files.write(path, elf(machine, entry, virtual, physical));
    }

    /** The same in memory. */
    static byte[] elf(int machine, long entry, long virtual, long physical) {
        ByteBuffer elf = ByteBuffer.allocate(0x1020).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        elf.putShort(16, (short) 2).putShort(18, (short) machine).putInt(20, 1);
        elf.putLong(24, entry).putLong(32, 64);
        elf.putShort(54, (short) 56).putShort(56, (short) 1);
        elf.putInt(64, 1).putInt(68, 5).putLong(72, 0x1000).putLong(80, virtual).putLong(88, physical);
        elf.putLong(96, 32).putLong(104, 64).putLong(112, 0x1000);
        for (int i = 0; i < 32; i++) {
            elf.put(0x1000 + i, (byte) (i + 1));
        }
        return elf.array();
    }
}
