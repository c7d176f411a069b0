package dev.cprkit.vmm.cpu.riscv;

/**
 * Turns a 32-bit instruction into one word of decoded code (see {@link Op}). Knows RV64IMAFD, Zicsr, Zifencei, Zba, Zbb
 * and Zbs; every other encoding becomes {@link Op#ILLEGAL}. Stateless.
 *
 * <p>Immediates of branches, JAL and AUIPC are relative to the instruction; whoever builds a block makes them relative to
 * the block. Source: RISC-V unprivileged architecture, "RV32/64G Instruction Set Listings", and the Zb* chapters.
 */
final class Decoder {
    private static final int[] LOADS = {Op.LB, Op.LH, Op.LW, Op.LD, Op.LBU, Op.LHU, Op.LWU};
    private static final int[] STORES = {Op.SB, Op.SH, Op.SW, Op.SD};
    private static final int[] BRANCHES = {Op.BEQ, Op.BNE, 0, 0, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU};
    private static final int[] BASE = {Op.ADD, Op.SLL, Op.SLT, Op.SLTU, Op.XOR, Op.SRL, Op.OR, Op.AND};

    private Decoder() {}

    static long decode(int insn) {
        int rd = insn >>> 7 & 31;
        int rs1 = insn >>> 15 & 31;
        int rs2 = insn >>> 20 & 31;
        int funct3 = insn >>> 12 & 7;
        int slot = rd == 0 ? Op.SINK : rd;
        int imm = insn >> 20;
        return switch (insn & 0x7f) {
            case 0x03 -> funct3 < 7 ? Op.word(LOADS[funct3], slot, rs1, 0, imm) : illegal(insn);
            case 0x07 -> floatLoad(insn, funct3, rd, rs1, imm);
            case 0x0f -> fence(insn, funct3);
            case 0x13 -> immediate(insn, funct3, slot, rs1, imm);
            case 0x17 -> Op.word(Op.PC, slot, 0, 0, insn & ~0xfff);
            case 0x1b -> immediate32(insn, funct3, slot, rs1, imm);
            case 0x23 -> funct3 < 4 ? Op.word(STORES[funct3], 0, rs1, rs2, storeOffset(insn)) : illegal(insn);
            case 0x27 -> floatStore(insn, funct3, rs1, rs2);
            case 0x2f -> atomic(insn, funct3, slot, rs1, rs2);
            case 0x33 -> register(insn, funct3, slot, rs1, rs2);
            case 0x37 -> Op.word(Op.CONST, slot, 0, 0, insn & ~0xfff);
            case 0x3b -> register32(insn, funct3, slot, rs1, rs2);
            case 0x43, 0x47, 0x4b, 0x4f, 0x53 -> FloatDecoder.decode(insn);
            case 0x63 ->
                funct3 == 2 || funct3 == 3 ? illegal(insn) : Op.word(BRANCHES[funct3], 0, rs1, rs2, branchOffset(insn));
            case 0x67 -> funct3 == 0 ? Op.word(Op.JALR, slot, rs1, 0, imm) : illegal(insn);
            case 0x6f -> Op.word(rd == 0 ? Op.JUMP : Op.JAL, slot, 0, 0, jumpOffset(insn));
            case 0x73 -> system(insn, funct3, slot);
            default -> illegal(insn);
        };
    }

    static long illegal(int insn) {
        return Op.word(Op.ILLEGAL, Op.SINK, 0, 0, insn);
    }

    private static int storeOffset(int insn) {
        return insn >> 25 << 5 | insn >>> 7 & 31;
    }

    private static int branchOffset(int insn) {
        return insn >> 31 << 12 | insn << 4 & 0x800 | insn >>> 20 & 0x7e0 | insn >>> 7 & 0x1e;
    }

    private static int jumpOffset(int insn) {
        return insn >> 31 << 20 | insn & 0xff000 | insn >>> 9 & 0x800 | insn >>> 20 & 0x7fe;
    }

    private static long floatLoad(int insn, int funct3, int rd, int rs1, int imm) {
        return switch (funct3) {
            case 2 -> Op.word(Op.FLW, rd, rs1, 0, imm);
            case 3 -> Op.word(Op.FLD, rd, rs1, 0, imm);
            default -> illegal(insn);
        };
    }

    private static long floatStore(int insn, int funct3, int rs1, int rs2) {
        return switch (funct3) {
            case 2 -> Op.word(Op.FSW, 0, rs1, rs2, storeOffset(insn));
            case 3 -> Op.word(Op.FSD, 0, rs1, rs2, storeOffset(insn));
            default -> illegal(insn);
        };
    }

    private static long fence(int insn, int funct3) {
        return switch (funct3) {
            case 0 -> Op.word(Op.NOP, Op.SINK, 0, 0, 0);
            case 1 -> Op.word(Op.SYSTEM, Op.SINK, 0, 0, SystemOps.FENCE_I);
            default -> illegal(insn);
        };
    }

    private static long immediate(int insn, int funct3, int rd, int rs1, int imm) {
        int shift = imm & 63;
        return switch (funct3) {
            case 0 -> rs1 == 0 ? Op.word(Op.CONST, rd, 0, 0, imm) : Op.word(Op.ADDI, rd, rs1, 0, imm);
            case 1 ->
                switch (insn >>> 26) {
                    case 0x00 -> Op.word(Op.SLLI, rd, rs1, 0, shift);
                    case 0x0a -> rare(IntegerOps.BSETI, rd, rs1, shift);
                    case 0x12 -> rare(IntegerOps.BCLRI, rd, rs1, shift);
                    case 0x1a -> rare(IntegerOps.BINVI, rd, rs1, shift);
                    default -> unary(insn, rd, rs1, imm);
                };
            case 2 -> Op.word(Op.SLTI, rd, rs1, 0, imm);
            case 3 -> Op.word(Op.SLTIU, rd, rs1, 0, imm);
            case 4 -> Op.word(Op.XORI, rd, rs1, 0, imm);
            case 5 ->
                switch (insn >>> 26) {
                    case 0x00 -> Op.word(Op.SRLI, rd, rs1, 0, shift);
                    case 0x10 -> Op.word(Op.SRAI, rd, rs1, 0, shift);
                    case 0x12 -> rare(IntegerOps.BEXTI, rd, rs1, shift);
                    case 0x18 -> rare(IntegerOps.RORI, rd, rs1, shift);
                    default ->
                        switch (imm) {
                            case 0x287 -> rare(IntegerOps.ORC_B, rd, rs1, 0);
                            case 0x6b8 -> rare(IntegerOps.REV8, rd, rs1, 0);
                            default -> illegal(insn);
                        };
                };
            case 6 -> Op.word(Op.ORI, rd, rs1, 0, imm);
            default -> Op.word(Op.ANDI, rd, rs1, 0, imm);
        };
    }

    private static long unary(int insn, int rd, int rs1, int imm) {
        return switch (imm) {
            case 0x600 -> rare(IntegerOps.CLZ, rd, rs1, 0);
            case 0x601 -> rare(IntegerOps.CTZ, rd, rs1, 0);
            case 0x602 -> rare(IntegerOps.CPOP, rd, rs1, 0);
            case 0x604 -> rare(IntegerOps.SEXT_B, rd, rs1, 0);
            case 0x605 -> rare(IntegerOps.SEXT_H, rd, rs1, 0);
            default -> illegal(insn);
        };
    }

    private static long immediate32(int insn, int funct3, int rd, int rs1, int imm) {
        int shift = imm & 31;
        return switch (funct3) {
            case 0 -> Op.word(Op.ADDIW, rd, rs1, 0, imm);
            case 1 -> {
                if (insn >>> 25 == 0) {
                    yield Op.word(Op.SLLIW, rd, rs1, 0, shift);
                }
                if (insn >>> 26 == 2) {
                    yield rare(IntegerOps.SLLI_UW, rd, rs1, imm & 63);
                }
                yield switch (imm) {
                    case 0x600 -> rare(IntegerOps.CLZW, rd, rs1, 0);
                    case 0x601 -> rare(IntegerOps.CTZW, rd, rs1, 0);
                    case 0x602 -> rare(IntegerOps.CPOPW, rd, rs1, 0);
                    default -> illegal(insn);
                };
            }
            case 5 ->
                switch (insn >>> 25) {
                    case 0x00 -> Op.word(Op.SRLIW, rd, rs1, 0, shift);
                    case 0x20 -> Op.word(Op.SRAIW, rd, rs1, 0, shift);
                    case 0x30 -> rare(IntegerOps.RORIW, rd, rs1, shift);
                    default -> illegal(insn);
                };
            default -> illegal(insn);
        };
    }

    private static long register(int insn, int funct3, int rd, int rs1, int rs2) {
        return switch (insn >>> 25 << 3 | funct3) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> Op.word(BASE[funct3], rd, rs1, rs2, 0);
            case 0x20 << 3 -> Op.word(Op.SUB, rd, rs1, rs2, 0);
            case 0x20 << 3 | 4 -> rare2(IntegerOps.XNOR, rd, rs1, rs2);
            case 0x20 << 3 | 5 -> Op.word(Op.SRA, rd, rs1, rs2, 0);
            case 0x20 << 3 | 6 -> rare2(IntegerOps.ORN, rd, rs1, rs2);
            case 0x20 << 3 | 7 -> rare2(IntegerOps.ANDN, rd, rs1, rs2);
            case 1 << 3 -> Op.word(Op.MUL, rd, rs1, rs2, 0);
            case 1 << 3 | 1 -> rare2(IntegerOps.MULH, rd, rs1, rs2);
            case 1 << 3 | 2 -> rare2(IntegerOps.MULHSU, rd, rs1, rs2);
            case 1 << 3 | 3 -> rare2(IntegerOps.MULHU, rd, rs1, rs2);
            case 1 << 3 | 4 -> rare2(IntegerOps.DIV, rd, rs1, rs2);
            case 1 << 3 | 5 -> rare2(IntegerOps.DIVU, rd, rs1, rs2);
            case 1 << 3 | 6 -> rare2(IntegerOps.REM, rd, rs1, rs2);
            case 1 << 3 | 7 -> rare2(IntegerOps.REMU, rd, rs1, rs2);
            case 0x05 << 3 | 4 -> rare2(IntegerOps.MIN, rd, rs1, rs2);
            case 0x05 << 3 | 5 -> rare2(IntegerOps.MINU, rd, rs1, rs2);
            case 0x05 << 3 | 6 -> rare2(IntegerOps.MAX, rd, rs1, rs2);
            case 0x05 << 3 | 7 -> rare2(IntegerOps.MAXU, rd, rs1, rs2);
            case 0x10 << 3 | 2 -> Op.word(Op.SH1ADD, rd, rs1, rs2, 0);
            case 0x10 << 3 | 4 -> Op.word(Op.SH2ADD, rd, rs1, rs2, 0);
            case 0x10 << 3 | 6 -> Op.word(Op.SH3ADD, rd, rs1, rs2, 0);
            case 0x14 << 3 | 1 -> rare2(IntegerOps.BSET, rd, rs1, rs2);
            case 0x24 << 3 | 1 -> rare2(IntegerOps.BCLR, rd, rs1, rs2);
            case 0x24 << 3 | 5 -> rare2(IntegerOps.BEXT, rd, rs1, rs2);
            case 0x30 << 3 | 1 -> rare2(IntegerOps.ROL, rd, rs1, rs2);
            case 0x30 << 3 | 5 -> rare2(IntegerOps.ROR, rd, rs1, rs2);
            case 0x34 << 3 | 1 -> rare2(IntegerOps.BINV, rd, rs1, rs2);
            default -> illegal(insn);
        };
    }

    private static long register32(int insn, int funct3, int rd, int rs1, int rs2) {
        return switch (insn >>> 25 << 3 | funct3) {
            case 0 -> Op.word(Op.ADDW, rd, rs1, rs2, 0);
            case 1 -> Op.word(Op.SLLW, rd, rs1, rs2, 0);
            case 5 -> Op.word(Op.SRLW, rd, rs1, rs2, 0);
            case 0x20 << 3 -> Op.word(Op.SUBW, rd, rs1, rs2, 0);
            case 0x20 << 3 | 5 -> Op.word(Op.SRAW, rd, rs1, rs2, 0);
            case 1 << 3 -> Op.word(Op.MULW, rd, rs1, rs2, 0);
            case 1 << 3 | 4 -> rare2(IntegerOps.DIVW, rd, rs1, rs2);
            case 1 << 3 | 5 -> rare2(IntegerOps.DIVUW, rd, rs1, rs2);
            case 1 << 3 | 6 -> rare2(IntegerOps.REMW, rd, rs1, rs2);
            case 1 << 3 | 7 -> rare2(IntegerOps.REMUW, rd, rs1, rs2);
            case 4 << 3 -> Op.word(Op.ADD_UW, rd, rs1, rs2, 0);
            case 4 << 3 | 4 -> rs2 == 0 ? rare(IntegerOps.ZEXT_H, rd, rs1, 0) : illegal(insn);
            case 0x10 << 3 | 2 -> rare2(IntegerOps.SH1ADD_UW, rd, rs1, rs2);
            case 0x10 << 3 | 4 -> rare2(IntegerOps.SH2ADD_UW, rd, rs1, rs2);
            case 0x10 << 3 | 6 -> rare2(IntegerOps.SH3ADD_UW, rd, rs1, rs2);
            case 0x30 << 3 | 1 -> rare2(IntegerOps.ROLW, rd, rs1, rs2);
            case 0x30 << 3 | 5 -> rare2(IntegerOps.RORW, rd, rs1, rs2);
            default -> illegal(insn);
        };
    }

    /** A rare integer operation on a register and a small constant. */
    private static long rare(int operation, int rd, int rs1, int constant) {
        return Op.word(Op.INTEGER, rd, rs1, 0, operation | constant << 8);
    }

    private static long rare2(int operation, int rd, int rs1, int rs2) {
        return Op.word(Op.INTEGER, rd, rs1, rs2, operation);
    }

    private static long atomic(int insn, int funct3, int rd, int rs1, int rs2) {
        if (funct3 != 2 && funct3 != 3) {
            return illegal(insn);
        }
        return switch (insn >>> 27) {
            case AtomicOps.LR -> rs2 == 0 ? atomicWord(insn, funct3, rd, rs1, rs2) : illegal(insn);
            case AtomicOps.SC,
                    AtomicOps.SWAP,
                    AtomicOps.ADD,
                    AtomicOps.XOR,
                    AtomicOps.AND,
                    AtomicOps.OR,
                    AtomicOps.MIN,
                    AtomicOps.MAX,
                    AtomicOps.MINU,
                    AtomicOps.MAXU -> atomicWord(insn, funct3, rd, rs1, rs2);
            default -> illegal(insn);
        };
    }

    private static long atomicWord(int insn, int funct3, int rd, int rs1, int rs2) {
        return Op.word(Op.ATOMIC, rd, rs1, rs2, insn >>> 27 | (funct3 == 3 ? AtomicOps.DOUBLE : 0));
    }

    private static long system(int insn, int funct3, int rd) {
        if (funct3 == 4) {
            return illegal(insn);
        }
        if (funct3 != 0) {
            return Op.word(Op.CSR, rd, insn >>> 15 & 31, 0, insn);
        }
        boolean known =
                switch (insn) {
                    case SystemOps.ECALL, SystemOps.EBREAK, SystemOps.SRET, SystemOps.MRET, SystemOps.WFI -> true;
                    default -> SystemOps.isSfence(insn);
                };
        return known ? Op.word(Op.SYSTEM, Op.SINK, insn >>> 15 & 31, insn >>> 20 & 31, insn) : illegal(insn);
    }
}
