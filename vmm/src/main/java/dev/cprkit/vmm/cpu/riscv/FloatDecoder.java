package dev.cprkit.vmm.cpu.riscv;

/**
 * The floating-point part of {@link Decoder}: OP-FP and the fused multiply-adds. The immediate of the resulting word
 * holds the operation (bits 0-7, a constant of {@link FloatOps}), the rounding mode (bits 8-10) and rs3 (bits 16-20).
 */
final class FloatDecoder {
    private FloatDecoder() {}

    static long decode(int insn) {
        int format = insn >>> 25 & 3;
        if (format > 1) {
            return Decoder.illegal(insn);
        }
        int single = format == 0 ? FloatOps.SINGLE : 0;
        int funct3 = insn >>> 12 & 7;
        return switch (insn & 0x7f) {
            case 0x43 -> rounded(insn, FloatOps.MADD | single, funct3);
            case 0x47 -> rounded(insn, FloatOps.MSUB | single, funct3);
            case 0x4b -> rounded(insn, FloatOps.NMSUB | single, funct3);
            case 0x4f -> rounded(insn, FloatOps.NMADD | single, funct3);
            default -> operation(insn, single, funct3);
        };
    }

    private static long operation(int insn, int single, int funct3) {
        int rs2 = insn >>> 20 & 31;
        return switch (insn >>> 27) {
            case 0x00 -> rounded(insn, FloatOps.ADD | single, funct3);
            case 0x01 -> rounded(insn, FloatOps.SUB | single, funct3);
            case 0x02 -> rounded(insn, FloatOps.MUL | single, funct3);
            case 0x03 -> rounded(insn, FloatOps.DIV | single, funct3);
            case 0x04 -> funct3 < 3 ? word(insn, (FloatOps.SGNJ + funct3) | single, 0) : Decoder.illegal(insn);
            case 0x05 -> funct3 < 2 ? word(insn, (FloatOps.MIN + funct3) | single, 0) : Decoder.illegal(insn);
            // The format field is the destination's; the source must be the other one.
            case 0x08 ->
                rs2 == (single != 0 ? 1 : 0) ? rounded(insn, FloatOps.CONVERT | single, funct3) : Decoder.illegal(insn);
            case 0x0b -> rs2 == 0 ? rounded(insn, FloatOps.SQRT | single, funct3) : Decoder.illegal(insn);
            case 0x14 -> funct3 < 3 ? toInteger(insn, (FloatOps.LE + funct3) | single, 0) : Decoder.illegal(insn);
            case 0x18 ->
                rs2 < 4 && validMode(funct3)
                        ? toInteger(insn, (FloatOps.TO_INT32 + rs2) | single, funct3)
                        : Decoder.illegal(insn);
            case 0x1a -> rs2 < 4 ? rounded(insn, (FloatOps.FROM_INT32 + rs2) | single, funct3) : Decoder.illegal(insn);
            case 0x1c ->
                rs2 == 0 && funct3 < 2
                        ? toInteger(insn, (FloatOps.MOVE_TO_X + funct3) | single, 0)
                        : Decoder.illegal(insn);
            case 0x1e -> rs2 == 0 && funct3 == 0 ? word(insn, FloatOps.MOVE_FROM_X | single, 0) : Decoder.illegal(insn);
            default -> Decoder.illegal(insn);
        };
    }

    private static boolean validMode(int rm) {
        return rm < 5 || rm == FloatOps.DYNAMIC;
    }

    private static long rounded(int insn, int operation, int rm) {
        return validMode(rm) ? word(insn, operation, rm) : Decoder.illegal(insn);
    }

    private static long word(int insn, int operation, int rm) {
        return word(insn, insn >>> 7 & 31, operation, rm);
    }

    private static long toInteger(int insn, int operation, int rm) {
        int rd = insn >>> 7 & 31;
        return word(insn, rd == 0 ? Op.SINK : rd, operation, rm);
    }

    private static long word(int insn, int rd, int operation, int rm) {
        int rs3 = insn >>> 27;
        return Op.word(Op.FLOAT, rd, insn >>> 15 & 31, insn >>> 20 & 31, operation | rm << 8 | rs3 << 16);
    }
}
