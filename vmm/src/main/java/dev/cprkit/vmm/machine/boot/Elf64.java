package dev.cprkit.vmm.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A 64-bit RISC-V ELF file, as far as loading needs it: elf(5). */
record Elf64(long entry, List<Segment> segments) {
    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int MAX_PROGRAM_HEADERS = 1024;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int MACHINE_RISCV = 243;
    private static final int PT_LOAD = 1;

    /** Whether the first bytes of a file are those of an ELF file, of any kind. */
    static boolean matches(byte[] head) {
        return head.length >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    }

    static Elf64 parse(ImageFile file) throws BootException {
        ByteBuffer header = buffer(file, 0, HEADER);
        if (header.get(4) != CLASS_64) {
            throw file.refuse("it is a 32-bit ELF file, and this machine is 64-bit");
        }
        if (header.get(5) != LITTLE_ENDIAN) {
            throw file.refuse("it is a big-endian ELF file, and this machine is little-endian");
        }
        int machine = header.getShort(18) & 0xffff;
        if (machine != MACHINE_RISCV) {
            throw file.refuse("it is an ELF file for another architecture (machine " + machine + ", RISC-V is "
                    + MACHINE_RISCV + ")");
        }
        long table = header.getLong(32);
        int size = header.getShort(54) & 0xffff;
        int count = header.getShort(56) & 0xffff;
        if (size < PROGRAM_HEADER || count > MAX_PROGRAM_HEADERS) {
            throw file.refuse("its ELF program headers make no sense");
        }
        long entry = header.getLong(24);
        long physicalEntry = entry;
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ByteBuffer program = buffer(file, table + (long) i * size, PROGRAM_HEADER);
            long fileSize = program.getLong(32);
            long memorySize = program.getLong(40);
            if (program.getInt(0) != PT_LOAD || memorySize == 0) {
                continue;
            }
            long offset = program.getLong(8);
            long virtual = program.getLong(16);
            long physical = program.getLong(24);
            if (fileSize < 0 || memorySize < fileSize || offset < 0 || offset > file.size() - fileSize) {
                throw file.refuse(
                        "it is truncated: segment " + i + " of the ELF file ends beyond its " + file.size() + " bytes");
            }
            segments.add(new Segment(file, offset, fileSize, physical, memorySize, true));
            if (Long.compareUnsigned(entry - virtual, memorySize) < 0) {
                physicalEntry = entry - virtual + physical;
            }
        }
        if (segments.isEmpty()) {
            throw file.refuse("it is an ELF file with nothing to load");
        }
        return new Elf64(physicalEntry, List.copyOf(segments));
    }

    private static ByteBuffer buffer(ImageFile file, long offset, int length) throws BootException {
        if (offset < 0 || offset > file.size() - length) {
            throw file.refuse("it is truncated: an ELF header ends beyond its " + file.size() + " bytes");
        }
        return ByteBuffer.wrap(file.read(offset, length)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
