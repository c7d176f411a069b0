package dev.cprkit.vmm.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A kernel without ELF headers: Linux's {@code Image}, whose own header says where it wants to be
 * (Documentation/arch/riscv/boot-image-header.rst), or any binary.
 *
 * @param textOffset how far from the start of RAM it wants to be; -1 if it does not say
 * @param imageSize the memory that it takes up, at least the file's size
 */
record FlatImage(long textOffset, long imageSize) {
    private static final int HEADER = 64;
    private static final int MAGIC_OFFSET = 0x38;
    private static final int MAX_HEAD = 1024;
    /** "RSC" and 5. */
    private static final int MAGIC = 0x05435352;
    /** "ARM" and 0x64. */
    private static final int ARM64_MAGIC = 0x644d5241;

    private static final int X86_MAGIC_OFFSET = 0x202;

    static FlatImage parse(ImageFile file) throws BootException {
        byte[] head = file.read(0, MAX_HEAD);
        refuseCompressed(file, head);
        if (head.length < HEADER) {
            return new FlatImage(-1, file.size());
        }
        ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        int magic = header.getInt(MAGIC_OFFSET);
        if (magic == ARM64_MAGIC) {
            throw file.refuse("it is a kernel for arm64, not for RISC-V");
        }
        if (has(head, X86_MAGIC_OFFSET, "HdrS")) {
            throw file.refuse("it is a kernel for x86, not for RISC-V");
        }
        if (magic != MAGIC) {
            return new FlatImage(-1, file.size());
        }
        long textOffset = header.getLong(8);
        long imageSize = header.getLong(16);
        if (textOffset < 0 || (textOffset & 0xfff) != 0 || imageSize < 0) {
            throw file.refuse("its header asks for a place that cannot be (text offset 0x"
                    + Long.toHexString(textOffset) + ", size 0x" + Long.toHexString(imageSize) + ")");
        }
        return new FlatImage(textOffset, Math.max(imageSize, file.size()));
    }

    private static void refuseCompressed(ImageFile file, byte[] head) throws BootException {
        if (head.length > 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            throw file.refuse("it is compressed with gzip; uncompress it first (gunzip)");
        }
        if (has(head, 0, "MZ") && has(head, 4, "zimg")) {
            throw file.refuse("it is a compressed EFI kernel; give the uncompressed Image");
        }
        if (has(head, 1, "7zXZ") || (head.length > 4 && ByteBuffer.wrap(head).getInt() == 0x28b52ffd)) {
            throw file.refuse("it is compressed; uncompress it first");
        }
    }

    private static boolean has(byte[] head, int offset, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        if (head.length < offset + wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (head[offset + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
