package dev.cprkit.it.cpu;

import dev.cprkit.it.cpu.InstructionSet.Instruction;

/**
 * Writes one instruction with operands of its kind, and what must stand before it: an address for an atomic, the target of
 * an indirect jump.
 *
 * <p>What the specification leaves open is not asked for: reserved rounding modes of operations that do not round,
 * counters in machine mode, encodings of extensions that are not in the set.
 */
final class Operands {
    /** CSRs that read alike in both machines, and some that there are not, or not in every mode, or not to be written. */
    private static final int[] CSRS = {
        1,
        2,
        3,
        1,
        2,
        3,
        Harness.STVAL,
        Harness.SCAUSE,
        Harness.SSCRATCH,
        0xc00,
        0xc01,
        0xc02,
        0xf14,
        0xc83,
        0x8ff,
        0x5ff,
        0x9ff,
        0x3ff,
        0
    };

    private final Choice c;
    private final Code code;
    private final Setting setting;

    Operands(Choice choice, Code code, Setting setting) {
        c = choice;
        this.code = code;
        this.setting = setting;
    }

    /** Any but load-reserved, store-conditional and trap returns, which are {@link Units}'. */
    void write(Instruction i) {
        int m = i.match();
        switch (i.opcode()) {
            case R -> code.word(m | c.rd() << 7 | c.rs() << 15 | c.rs() << 20);
            case UNARY -> unary(m, i.name().equals("ctzw"));
            case I -> code.word(m | c.rd() << 7 | c.rs() << 15 | c.immediate() << 20);
            case SHIFT6 -> code.word(m | c.rd() << 7 | c.rs() << 15 | c.below(64) << 20);
            case SHIFT5 -> code.word(m | c.rd() << 7 | c.rs() << 15 | c.below(32) << 20);
            case U -> code.word(m | c.rd() << 7 | c.bits() << 12);
            case JAL -> code.jump(m | c.rd() << 7, code.ahead(c.below(12)));
            case JALR -> jalr(m);
            case BRANCH -> code.jump(m | c.rs() << 15 | c.rs() << 20, code.ahead(c.below(12)));
            case LOAD -> code.word(m | c.rd() << 7 | c.base() << 15 | offset() << 20);
            case FLOAD -> code.word(m | c.fd() << 7 | c.base() << 15 | offset() << 20);
            case STORE, FSTORE -> store(m);
            case AMO -> code.word(m | c.rd() << 7 | exactAddress() << 15 | c.rs() << 20 | c.below(4) << 25);
            case CSR -> {
                // QEMU lets csrrs and csrrc of zero pass on a CSR that is read-only.
                int csr = csr();
                boolean writes = csr < 0xc00 || i.name().equals("csrrw");
                code.word(m | c.rd() << 7 | (writes ? c.computed() : 0) << 15 | csr << 20);
            }
            case CSR_IMMEDIATE -> code.word(m | c.rd() << 7 | c.below(32) << 15 | csr() << 20);
            case WHOLE -> code.word(m);
            case SFENCE -> code.word(m | (c.chance(2) ? 0 : c.rs()) << 15 | (c.chance(2) ? 0 : c.rs()) << 20);
            case F_R -> code.word(m | c.fd() << 7 | c.rs() << 15 | c.rs() << 20 | rm(true) << 12);
            case F_R_EXACT -> code.word(m | c.fd() << 7 | c.rs() << 15 | c.rs() << 20);
            case F_UNARY ->
                code.word(m | c.fd() << 7 | c.rs() << 15 | rm(!i.name().equals("fcvt.d.s")) << 12);
            case F_R4 -> code.word(m | c.fd() << 7 | c.rs() << 15 | c.rs() << 20 | c.rs() << 27 | rm(true) << 12);
            case F_COMPARE -> code.word(m | c.rd() << 7 | c.rs() << 15 | c.rs() << 20);
            case F_TO_X_ROUNDED -> code.word(m | c.rd() << 7 | c.rs() << 15 | rm(true) << 12);
            case F_TO_X -> code.word(m | c.rd() << 7 | c.rs() << 15);
            case X_TO_F_ROUNDED ->
                code.word(m | c.fd() << 7 | c.rs() << 15 | rm(!i.name().startsWith("fcvt.d.w")) << 12);
            case X_TO_F -> code.word(m | c.fd() << 7 | c.rs() << 15);
            default -> compressed(i, m);
        }
    }

    private void compressed(Instruction i, int m) {
        int six = c.below(64);
        int five = c.below(32);
        int split6 = (six & 32) << 7 | (six & 31) << 2;
        switch (i.opcode()) {
            case C_ADDI4SPN -> code.half(m | c.between(1, 256) << 5 | c.compressedRd() << 2);
            case C_LW, C_LD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | c.compressedRd() << 2);
            case C_FLD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | c.below(8) << 2);
            case C_SW, C_SD, C_FSD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | c.below(8) << 2);
            case C_CI -> code.half(m | split6 | (i.name().equals("c.addiw") ? c.computed() : c.rd()) << 7);
            case C_ADDI16SP -> {
                // There and back, lest the pointer wander.
                int amount = c.between(1, 32);
                code.half(m | addi16sp(amount));
                code.half(m | addi16sp(-amount));
            }
            case C_LUI -> code.half(m | (split6 == 0 ? 4 : split6) | c.computed() << 7);
            case C_CB_IMMEDIATE -> code.half(m | split6 | c.compressedRd() << 7);
            case C_CA -> code.half(m | c.compressedRd() << 7 | c.below(8) << 2);
            case C_J -> code.jump(m, code.ahead(c.below(12)));
            case C_BRANCH -> code.jump(m | c.below(8) << 7, code.ahead(c.below(5)));
            case C_LWSP -> code.half(m | split6 | c.computed() << 7);
            case C_LDSP -> code.half(m | split6 | c.computed() << 7);
            case C_FLDSP -> code.half(m | split6 | c.fd() << 7);
            case C_SWSP, C_SDSP, C_FSDSP -> code.half(m | six << 7 | c.rs() << 2);
            case C_JR, C_JALR -> {
                int register = c.pointer();
                if (c.chance(6)) {
                    register = Choice.AWAY;
                } else {
                    code.jump(0x17 | register << 7, code.ahead(c.below(12)));
                    code.word(Assembler.addi(register, register, 0));
                }
                code.half(m | register << 7);
            }
            case C_CR -> code.half(m | c.rd() << 7 | c.between(1, 32) << 2);
            default -> throw new IllegalStateException(i.toString());
        }
    }

    private static int addi16sp(int amount) {
        return (amount & 0x20) << 7 | (amount & 1) << 6 | (amount & 4) << 3 | amount & 0x18 | (amount & 2) << 1;
    }

    private int compressedBase() {
        return c.below(2);
    }

    private int rm(boolean rounds) {
        int r = c.below(40);
        return r < 20 ? r % 5 : r < 39 || !rounds ? 7 : c.between(5, 7);
    }

    private int csr() {
        int csr = c.any(CSRS);
        boolean handlers = setting.delegated() && csr >= 0x100 && csr < 0x200;
        boolean counter = setting.machine() && csr >>> 8 == 0xc;
        return handlers || counter ? 2 : csr;
    }

    /** QEMU before 8.0 counts on beyond bit 31 where {@code ctzw} finds no one. */
    private void unary(int m, boolean countsLowWord) {
        int source = c.rs();
        if (countsLowWord && setting.old()) {
            source = c.computed();
            code.word(0x2800_1013 | 31 << 20 | source << 7 | source << 15);
        }
        code.word(m | c.rd() << 7 | source << 15);
    }

    /** Aligned where PMP guards: a misaligned access may be checked whole or in parts. */
    private int offset() {
        return setting.guarded() ? c.offset() & -8 : c.offset();
    }

    private void store(int m) {
        int offset = offset();
        code.word(m | c.base() << 15 | c.rs() << 20 | (offset >> 5 & 0x7f) << 25 | (offset & 31) << 7);
    }

    /** A register with an address for an atomic, set up before it. */
    private int exactAddress() {
        // QEMU lets an AMO read before it looks whether it may write, and PMP may forbid the first alone.
        if (!setting.guarded() && c.chance(10)) {
            return c.any(Choice.WILD);
        }
        int register = c.pointer();
        code.word(Assembler.addi(register, c.any(Choice.GOOD), offset()));
        return register;
    }

    /** An indirect jump to a unit ahead, or away. */
    void jalr(int m) {
        int link = c.rd();
        if (c.chance(5)) {
            code.word(m | link << 7 | Choice.AWAY << 15 | (c.chance(2) ? 0 : c.below(0x40)) << 20);
            return;
        }
        int register = c.computed();
        int slack = c.between(-1024, 1024);
        code.jump(0x17 | register << 7, code.ahead(c.below(12)));
        code.word(Assembler.addi(register, register, 0));
        code.word(Assembler.addi(register, register, -slack));
        code.word(m | link << 7 | register << 15 | slack << 20);
    }
}
