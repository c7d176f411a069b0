package dev.cprkit.it.cpu;

/** How an instruction's operands lie in its word; names as in the RISC-V manuals, with what {@link Sequences} must know. */
enum Opcode {
    /** rd, rs1, rs2. */
    R,
    /** rd, rs1. */
    UNARY,
    /** rd, rs1, 12-bit immediate. */
    I,
    /** rd, rs1, 6-bit shift amount. */
    SHIFT6,
    /** rd, rs1, 5-bit shift amount. */
    SHIFT5,
    /** rd, 20-bit immediate. */
    U,
    JAL,
    JALR,
    BRANCH,
    LOAD,
    STORE,
    FLOAD,
    FSTORE,
    LR,
    SC,
    AMO,
    CSR,
    CSR_IMMEDIATE,
    /** All bits given. */
    WHOLE,
    /** fd, fs1, fs2, rm. */
    F_R,
    /** fd, fs1, fs2, no rm. */
    F_R_EXACT,
    /** fd, fs1, rm. */
    F_UNARY,
    /** fd, fs1, fs2, fs3, rm. */
    F_R4,
    /** rd, fs1, fs2. */
    F_COMPARE,
    /** rd, fs1, rm. */
    F_TO_X_ROUNDED,
    /** rd, fs1. */
    F_TO_X,
    /** fd, rs1, rm. */
    X_TO_F_ROUNDED,
    /** fd, rs1. */
    X_TO_F,
    SFENCE,
    C_ADDI4SPN,
    /** Loads and stores of the compressed registers; the scale is that of the access. */
    C_LW,
    C_LD,
    C_FLD,
    C_SW,
    C_SD,
    C_FSD,
    /** rd, 6-bit immediate. */
    C_CI,
    C_ADDI16SP,
    C_LUI,
    /** rd', 6-bit immediate. */
    C_CB_IMMEDIATE,
    /** rd', rs2'. */
    C_CA,
    C_J,
    C_BRANCH,
    C_LWSP,
    C_LDSP,
    C_FLDSP,
    C_SWSP,
    C_SDSP,
    C_FSDSP,
    C_JR,
    C_JALR,
    /** rd, rs2. */
    C_CR;

    boolean compressed() {
        return ordinal() >= C_ADDI4SPN.ordinal();
    }
}
