package dev.cprkit.vmm.cpu.riscv;

/**
 * The C extension: turns a 16-bit instruction into the 32-bit instruction that it stands for (RISC-V unprivileged
 * architecture, "C" extension, tables of RVC instruction formats and listings). Stateless.
 */
final class Compressed {
    /** What {@link #expand} returns for a reserved encoding; it is itself an illegal instruction. */
    static final int ILLEGAL = 0;

    private Compressed() {}

    /** The 32-bit equivalent of a 16-bit instruction of RV64C with F and D, or {@link #ILLEGAL}. */
    static int expand(int c) {
        return switch (c & 3) {
            case 0 -> quadrant0(c);
            case 1 -> quadrant1(c);
            case 2 -> quadrant2(c);
            default -> ILLEGAL;
        };
    }

    private static int quadrant0(int c) {
        int rd = 8 + (c >> 2 & 7);
        int rs1 = 8 + (c >> 7 & 7);
        int word = (c >> 7 & 0x38) | (c >> 4 & 0x4) | (c << 1 & 0x40);
        int pair = (c >> 7 & 0x38) | (c << 1 & 0xc0);
        return switch (c >> 13 & 7) {
            case 0 -> {
                int imm = (c >> 7 & 0x30) | (c >> 1 & 0x3c0) | (c >> 4 & 0x4) | (c >> 2 & 0x8);
                yield imm == 0 ? ILLEGAL : i(0x13, 0, rd, 2, imm); // c.addi4spn
            }
            case 1 -> i(0x07, 3, rd, rs1, pair); // c.fld
            case 2 -> i(0x03, 2, rd, rs1, word); // c.lw
            case 3 -> i(0x03, 3, rd, rs1, pair); // c.ld
            case 5 -> s(0x27, 3, rs1, rd, pair); // c.fsd
            case 6 -> s(0x23, 2, rs1, rd, word); // c.sw
            case 7 -> s(0x23, 3, rs1, rd, pair); // c.sd
            default -> ILLEGAL;
        };
    }

    private static int quadrant1(int c) {
        int rd = c >> 7 & 31;
        int imm = (c << 19 >> 31 & ~31) | (c >> 2 & 31); // sign-extended
        return switch (c >> 13 & 7) {
            case 0 -> i(0x13, 0, rd, rd, imm); // c.addi, c.nop
            case 1 -> rd == 0 ? ILLEGAL : i(0x1b, 0, rd, rd, imm); // c.addiw
            case 2 -> i(0x13, 0, rd, 0, imm); // c.li
            case 3 -> rd == 2 ? addi16sp(c) : imm == 0 ? ILLEGAL : imm << 12 | rd << 7 | 0x37; // c.lui
            case 4 -> arithmetic(c, imm);
            case 5 -> jump(c);
            case 6 -> branch(c, 0); // c.beqz
            default -> branch(c, 1); // c.bnez
        };
    }

    private static int addi16sp(int c) {
        int imm = (c << 19 >> 31 & ~0x1ff) | (c >> 2 & 0x10) | (c << 3 & 0x20) | (c << 1 & 0x40) | (c << 4 & 0x180);
        return imm == 0 ? ILLEGAL : i(0x13, 0, 2, 2, imm);
    }

    private static int arithmetic(int c, int imm) {
        int rd = 8 + (c >> 7 & 7);
        int rs2 = 8 + (c >> 2 & 7);
        return switch (c >> 10 & 3) {
            case 0 -> i(0x13, 5, rd, rd, imm & 63); // c.srli
            case 1 -> i(0x13, 5, rd, rd, imm & 63 | 0x400); // c.srai
            case 2 -> i(0x13, 7, rd, rd, imm); // c.andi
            default ->
                switch (c >> 10 & 4 | c >> 5 & 3) {
                    case 0 -> r(0x33, 0, 0x20, rd, rd, rs2); // c.sub
                    case 1 -> r(0x33, 4, 0, rd, rd, rs2); // c.xor
                    case 2 -> r(0x33, 6, 0, rd, rd, rs2); // c.or
                    case 3 -> r(0x33, 7, 0, rd, rd, rs2); // c.and
                    case 4 -> r(0x3b, 0, 0x20, rd, rd, rs2); // c.subw
                    case 5 -> r(0x3b, 0, 0, rd, rd, rs2); // c.addw
                    default -> ILLEGAL;
                };
        };
    }

    private static int jump(int c) {
        int offset = (c << 19 >> 31 & ~0x7ff)
                | (c >> 7 & 0x10)
                | (c >> 1 & 0x300)
                | (c << 2 & 0x400)
                | (c >> 1 & 0x40)
                | (c << 1 & 0x80)
                | (c >> 2 & 0xe)
                | (c << 3 & 0x20);
        return (offset << 11 & 0x80000000)
                | (offset << 20 & 0x7fe00000)
                | (offset << 9 & 0x100000)
                | (offset & 0xff000)
                | 0x6f; // c.j
    }

    private static int branch(int c, int funct3) {
        int offset = (c << 19 >> 31 & ~0xff) | (c >> 7 & 0x18) | (c << 1 & 0xc0) | (c >> 2 & 0x6) | (c << 3 & 0x20);
        return (offset << 19 & 0x80000000)
                | (offset << 20 & 0x7e000000)
                | (8 + (c >> 7 & 7)) << 15
                | funct3 << 12
                | (offset << 7 & 0xf00)
                | (offset >> 4 & 0x80)
                | 0x63;
    }

    private static int quadrant2(int c) {
        int rd = c >> 7 & 31;
        int rs2 = c >> 2 & 31;
        int loadWord = (c >> 7 & 0x20) | (c >> 2 & 0x1c) | (c << 4 & 0xc0);
        int loadPair = (c >> 7 & 0x20) | (c >> 2 & 0x18) | (c << 4 & 0x1c0);
        int storeWord = (c >> 7 & 0x3c) | (c >> 1 & 0xc0);
        int storePair = (c >> 7 & 0x38) | (c >> 1 & 0x1c0);
        return switch (c >> 13 & 7) {
            case 0 -> i(0x13, 1, rd, rd, c >> 7 & 0x20 | rs2); // c.slli
            case 1 -> i(0x07, 3, rd, 2, loadPair); // c.fldsp
            case 2 -> rd == 0 ? ILLEGAL : i(0x03, 2, rd, 2, loadWord); // c.lwsp
            case 3 -> rd == 0 ? ILLEGAL : i(0x03, 3, rd, 2, loadPair); // c.ldsp
            case 4 -> registers(c, rd, rs2);
            case 5 -> s(0x27, 3, 2, rs2, storePair); // c.fsdsp
            case 6 -> s(0x23, 2, 2, rs2, storeWord); // c.swsp
            default -> s(0x23, 3, 2, rs2, storePair); // c.sdsp
        };
    }

    private static int registers(int c, int rd, int rs2) {
        if ((c & 0x1000) == 0) {
            if (rs2 != 0) {
                return r(0x33, 0, 0, rd, 0, rs2); // c.mv
            }
            return rd == 0 ? ILLEGAL : i(0x67, 0, 0, rd, 0); // c.jr
        }
        if (rs2 != 0) {
            return r(0x33, 0, 0, rd, rd, rs2); // c.add
        }
        return rd == 0 ? 0x00100073 : i(0x67, 0, 1, rd, 0); // c.ebreak, c.jalr
    }

    private static int r(int opcode, int funct3, int funct7, int rd, int rs1, int rs2) {
        return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
    }

    private static int i(int opcode, int funct3, int rd, int rs1, int imm) {
        return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
    }

    private static int s(int opcode, int funct3, int rs1, int rs2, int imm) {
        return imm >> 5 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31) << 7 | opcode;
    }
}
