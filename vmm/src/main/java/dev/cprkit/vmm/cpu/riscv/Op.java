package dev.cprkit.vmm.cpu.riscv;

/**
 * The operations that decoded code consists of. A decoded instruction is one {@code long}:
 *
 * <pre>
 *   bits  0- 7  the operation, one of these constants
 *   bits  8-13  rd, with x0 replaced by {@link #SINK}, so that no store needs a test
 *   bits 16-21  rs1
 *   bits 24-29  rs2
 *   bits 32-63  the immediate, sign-extended
 * </pre>
 *
 * <p>Operations from {@link #JUMP} to {@link #JALR} and {@link #CALL} are followed by a link word: the index of the
 * decoded code to go on with (bits 0-31), how many guest instructions the block has retired by then (bits 32-47), and
 * the offset of the next instruction from the block's start, in bytes (bits 48-63, signed).
 *
 * <p>Offsets in immediates of branches and PC are relative to the start of the block.
 */
final class Op {
    /** The register slot that writes to x0 go to. */
    static final int SINK = 32;

    // The block was dropped, or there is no code yet: find it by pc.
    static final int LOOKUP = 0;
    // Patch the link of the branch that led here; the next word is the physical address of its target.
    static final int LINK = 1;
    // The branch left the page: find its target by pc, through the jump cache.
    static final int CROSS = 2;
    // The instruction lies in two pages: check that its second half is still what was decoded.
    static final int STRADDLE = 3;
    // The block holds floating-point instructions: check that they are enabled.
    static final int FLOAT_ENTER = 4;

    static final int NOP = 5;
    static final int CONST = 6;
    static final int PC = 7;

    static final int ADDI = 8;
    static final int SLTI = 9;
    static final int SLTIU = 10;
    static final int XORI = 11;
    static final int ORI = 12;
    static final int ANDI = 13;
    static final int SLLI = 14;
    static final int SRLI = 15;
    static final int SRAI = 16;
    static final int ADDIW = 17;
    static final int SLLIW = 18;
    static final int SRLIW = 19;
    static final int SRAIW = 20;

    static final int ADD = 21;
    static final int SUB = 22;
    static final int SLL = 23;
    static final int SLT = 24;
    static final int SLTU = 25;
    static final int XOR = 26;
    static final int SRL = 27;
    static final int SRA = 28;
    static final int OR = 29;
    static final int AND = 30;
    static final int ADDW = 31;
    static final int SUBW = 32;
    static final int SLLW = 33;
    static final int SRLW = 34;
    static final int SRAW = 35;
    static final int MUL = 36;
    static final int MULW = 37;
    static final int SH1ADD = 38;
    static final int SH2ADD = 39;
    static final int SH3ADD = 40;
    static final int ADD_UW = 41;

    static final int LB = 42;
    static final int LH = 43;
    static final int LW = 44;
    static final int LD = 45;
    static final int LBU = 46;
    static final int LHU = 47;
    static final int LWU = 48;
    static final int FLW = 49;
    static final int FLD = 50;
    static final int SB = 51;
    static final int SH = 52;
    static final int SW = 53;
    static final int SD = 54;
    static final int FSW = 55;
    static final int FSD = 56;

    static final int JUMP = 57;
    static final int JAL = 58;
    static final int BEQ = 59;
    static final int BNE = 60;
    static final int BLT = 61;
    static final int BGE = 62;
    static final int BLTU = 63;
    static final int BGEU = 64;
    static final int JALR = 65;

    // Rare operations; the immediate tells which (a constant of the class that executes them; SYSTEM: the instruction).
    static final int INTEGER = 66;
    static final int ATOMIC = 67;
    static final int SYSTEM = 68;
    static final int FLOAT = 69;
    // A floating-point operation that checks by itself that it may execute.
    static final int FLOAT_CHECKED = 70;
    // A reserved encoding, or an instruction that this hart does not have; the immediate holds its bits.
    static final int ILLEGAL = 71;
    // A CSR instruction; the immediate holds its bits.
    static final int CSR = 72;
    // AUIPC and JALR to a fixed place, far or near; followed by a link word whose index is not used.
    static final int CALL = 73;

    // As FLOAT, for doubles that need no other rounding mode than the current one; the frequent ones by name.
    static final int FLOAT_D = 74;
    static final int FADD_D = 75;
    static final int FSUB_D = 76;
    static final int FMUL_D = 77;
    static final int FDIV_D = 78;
    static final int FMADD_D = 79;

    // Fused pairs: the word of the second follows, and is skipped.
    static final int FUSED = 80;
    static final int ADDI_ADDI = 80;
    static final int ADD_ADD = 81;
    static final int SRLIW_SLLIW = 82;
    static final int SLLIW_OR = 83;
    static final int ANDI_BNE = 84;
    static final int ADDI_BNE = 85;
    static final int ADDI_BEQ = 86;
    static final int ADDI_BLTU = 87;
    static final int ADD_BNE = 88;
    static final int ADD_BLTU = 89;
    static final int SLLI_ADD = 90;
    static final int SLLI_SRLI = 91;
    static final int ADDI_JALR = 92;
    static final int ADD_JALR = 93;
    static final int ADDI_ADD = 94;
    static final int ADD_ADDI = 95;

    private Op() {}

    /** A decoded instruction; {@code rd} is a register slot already. */
    static long word(int op, int rd, int rs1, int rs2, int immediate) {
        return op | (long) rd << 8 | (long) rs1 << 16 | (long) rs2 << 24 | (long) immediate << 32;
    }

    static int op(long word) {
        return (int) word & 0xff;
    }

    static int rd(long word) {
        return (int) word >>> 8 & 63;
    }

    static int rs1(long word) {
        return (int) word >>> 16 & 63;
    }

    static int rs2(long word) {
        return (int) word >>> 24 & 63;
    }

    static int immediate(long word) {
        return (int) (word >> 32);
    }
}
