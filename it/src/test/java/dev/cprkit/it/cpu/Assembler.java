package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lays 32-bit instructions one after another from an address, with labels; just enough for {@link Harness}. */
final class Assembler {
    private record Fixup(int index, String label) {}

    private final long base;
    private final List<Integer> words = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Fixup> fixups = new ArrayList<>();

    Assembler(long base) {
        this.base = base;
    }

    Assembler word(int word) {
        words.add(word);
        return this;
    }

    Assembler label(String name) {
        if (labels.put(name, words.size()) != null) {
            throw new IllegalArgumentException("label " + name + " is given twice");
        }
        return this;
    }

    /** To a multiple of 64 bytes, which satisfies any trap vector. */
    Assembler align() {
        while (words.size() % 16 != 0) {
            word(addi(0, 0, 0));
        }
        return this;
    }

    /** A conditional branch; {@code funct3} 0 beq, 1 bne, 4 blt, 5 bge, 6 bltu, 7 bgeu. */
    Assembler branch(int funct3, int rs1, int rs2, String label) {
        fixups.add(new Fixup(words.size(), label));
        return word(0x63 | funct3 << 12 | rs1 << 15 | rs2 << 20);
    }

    Assembler jump(String label) {
        fixups.add(new Fixup(words.size(), label));
        return word(0x6f);
    }

    Assembler la(int rd, String label) {
        fixups.add(new Fixup(words.size(), label));
        return word(0x17 | rd << 7).word(addi(rd, rd, 0));
    }

    Assembler li(int rd, int value) {
        return word(lui(rd, value + 0x800 >>> 12)).word(0x1b | rd << 7 | rd << 15 | value << 20);
    }

    /** A pointer to guest RAM, which {@code lui} would sign-extend. */
    Assembler li64(int rd, long value) {
        li(rd, (int) (value >>> 12));
        return word(0x1013 | rd << 7 | rd << 15 | 12 << 20).lowBitsMustBeClear(value);
    }

    private Assembler lowBitsMustBeClear(long value) {
        if ((value & 0xfff) != 0 || value >>> 43 != 0) {
            throw new IllegalArgumentException("not a page address below 2^43: %x".formatted(value));
        }
        return this;
    }

    static int lui(int rd, int page) {
        return 0x37 | rd << 7 | page << 12;
    }

    static int addi(int rd, int rs1, int immediate) {
        return 0x13 | rd << 7 | rs1 << 15 | immediate << 20;
    }

    static int load(int funct3, int rd, int offset, int rs1) {
        return 0x03 | funct3 << 12 | rd << 7 | rs1 << 15 | offset << 20;
    }

    static int ld(int rd, int offset, int rs1) {
        return load(3, rd, offset, rs1);
    }

    static int sd(int rs2, int offset, int rs1) {
        return 0x3023 | rs2 << 20 | rs1 << 15 | (offset >> 5 & 0x7f) << 25 | (offset & 31) << 7;
    }

    static int fld(int fd, int offset, int rs1) {
        return 0x3007 | fd << 7 | rs1 << 15 | offset << 20;
    }

    static int fsd(int fs2, int offset, int rs1) {
        return 0x3027 | fs2 << 20 | rs1 << 15 | (offset >> 5 & 0x7f) << 25 | (offset & 31) << 7;
    }

    static int csrrw(int rd, int csr, int rs1) {
        return 0x1073 | rd << 7 | rs1 << 15 | csr << 20;
    }

    static int csrrs(int rd, int csr, int rs1) {
        return 0x2073 | rd << 7 | rs1 << 15 | csr << 20;
    }

    static int csrrc(int rd, int csr, int rs1) {
        return 0x3073 | rd << 7 | rs1 << 15 | csr << 20;
    }

    static int branchOffset(int offset) {
        return (offset >> 12 & 1) << 31
                | (offset >> 5 & 0x3f) << 25
                | (offset >> 1 & 15) << 8
                | (offset >> 11 & 1) << 7;
    }

    static int jumpOffset(int offset) {
        return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 | offset & 0xff000;
    }

    long address(String label) {
        return base + 4L * labels.get(label);
    }

    /** Writes the words to their place in an image whose first byte lies at {@code imageBase}. */
    void writeTo(ByteBuffer image, long imageBase) {
        for (Fixup f : fixups) {
            int offset = 4 * (labels.get(f.label()) - f.index());
            int word = words.get(f.index());
            if ((word & 0x7f) == 0x17) {
                words.set(f.index(), word | offset + 0x800 & 0xffff_f000);
                words.set(f.index() + 1, words.get(f.index() + 1) | offset << 20);
            } else {
                words.set(f.index(), word | ((word & 0x7f) == 0x6f ? jumpOffset(offset) : branchOffset(offset)));
            }
        }
        for (int i = 0; i < words.size(); i++) {
            image.putInt((int) (base - imageBase) + 4 * i, words.get(i));
        }
    }
}
