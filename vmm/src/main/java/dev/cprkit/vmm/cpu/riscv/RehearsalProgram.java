package dev.cprkit.vmm.cpu.riscv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A bare-metal program that executes every instruction, both ways of every branch, traps and TLB misses, over and over,
 * and what is frequent in a guest more often, because HotSpot inlines by frequency. Register
 * x31 counts the rounds down, and {@code wfi} ends it.
 */
final class RehearsalProgram {
    private static final int OP = 0x33;
    private static final int OP_32 = 0x3b;
    private static final int OP_IMM = 0x13;
    private static final int OP_IMM_32 = 0x1b;
    private static final int[][] REGISTER = {
        {OP, 0x00, 0, 1, 2, 3, 4, 5, 6, 7},
        {OP, 0x01, 0, 1, 2, 3, 4, 5, 6, 7},
        {OP, 0x20, 0, 4, 5, 6, 7},
        {OP, 0x05, 4, 5, 6, 7},
        {OP, 0x10, 2, 4, 6},
        {OP, 0x14, 1},
        {OP, 0x24, 1, 5},
        {OP, 0x30, 1, 5},
        {OP, 0x34, 1},
        {OP_32, 0x00, 0, 1, 5},
        {OP_32, 0x01, 0, 4, 5, 6, 7},
        {OP_32, 0x20, 0, 5},
        {OP_32, 0x04, 0},
        {OP_32, 0x10, 2, 4, 6},
        {OP_32, 0x30, 1, 5},
    };
    private static final int[][] IMMEDIATE = {
        {OP_IMM, 0, 5},
        {OP_IMM, 2, 5},
        {OP_IMM, 3, 5},
        {OP_IMM, 4, 5},
        {OP_IMM, 6, 5},
        {OP_IMM, 7, 5},
        {OP_IMM, 1, 3},
        {OP_IMM, 5, 3},
        {OP_IMM, 5, 0x403},
        {OP_IMM, 1, 0x283},
        {OP_IMM, 1, 0x483},
        {OP_IMM, 1, 0x683},
        {OP_IMM, 5, 0x483},
        {OP_IMM, 5, 0x603},
        {OP_IMM, 1, 0x600},
        {OP_IMM, 1, 0x601},
        {OP_IMM, 1, 0x602},
        {OP_IMM, 1, 0x604},
        {OP_IMM, 1, 0x605},
        {OP_IMM, 5, 0x287},
        {OP_IMM, 5, 0x6b8},
        {OP_IMM_32, 0, 5},
        {OP_IMM_32, 1, 3},
        {OP_IMM_32, 5, 3},
        {OP_IMM_32, 5, 0x403},
        {OP_IMM_32, 1, 0x083},
        {OP_IMM_32, 5, 0x603},
        {OP_IMM_32, 1, 0x600},
        {OP_IMM_32, 1, 0x601},
        {OP_IMM_32, 1, 0x602},
    };
    /** How many words come before the shift by a halfword. */
    private static final int HANDLER_END = 9;

    private static final int A = 5; // operands
    private static final int B = 6;
    private static final int D = 7; // results
    private static final int SFENCE_VMA = 0x12000073;
    private static final int CODE = 9;
    private static final int COUNT = 30;
    private static final int REPEAT = 27;

    /** Registers that the caller sets: a page of data, and a device. */
    static final int DATA = 8;

    static final int DEVICE = 10;
    /** Register that the caller sets: how often to go round. */
    static final int ROUNDS = 31;

    private int[] code = new int[1024];
    private int size;

    private RehearsalProgram() {}

    /**
     * The program, little-endian. It begins with the trap handler; put it at a multiple of 4. What follows lies at odd
     * halfwords, so that an instruction lies in two pages wherever the program goes over the end of one.
     */
    static byte[] bytes() {
        RehearsalProgram program = new RehearsalProgram();
        program.assemble();
        ByteBuffer bytes = ByteBuffer.allocate(program.size * 4 + 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < program.size; i++) {
            if (i == HANDLER_END) {
                bytes.putShort((short) 1); // c.nop
            }
            bytes.putInt(program.code[i]);
        }
        return bytes.array();
    }

    private void assemble() {
        emit(0x17 | 28 << 7); // the handler lies two instructions from here
        i(OP_IMM, 0, 28, 28, 12);
        jump(7); // over the handler
        csr(2, 28, 0, Csr.MEPC);
        branch(1, 28, 0, 2);
        i(OP_IMM, 0, 28, 29, -4); // came from a jump to 0: x29 holds its return address
        i(OP_IMM, 0, 28, 28, 4);
        csr(1, 0, 28, Csr.MEPC);
        emit(SystemOps.MRET);
        csr(1, 0, 28, Csr.MTVEC);
        int loop = size;
        emit(0x37 | 29 << 7 | 6 << 12); // lui: mstatus.FS
        csr(3, 0, 29, Csr.MSTATUS); // floating point to initial, so that its first use has to mark it dirty
        emit(0x37 | 28 << 7 | 2 << 12);
        csr(2, 0, 28, Csr.MSTATUS);
        i(OP_IMM, 0, A, ROUNDS, 77);
        i(OP_IMM, 0, B, 0, 3);
        i(OP_IMM, 0, REPEAT, 0, 16);
        int again = size;
        integers();
        hits();
        floats();
        branches();
        i(OP_IMM, 0, REPEAT, REPEAT, -1);
        branch(0, REPEAT, 0, 2);
        jump(again - size);
        emit(SystemOps.FENCE_I);
        misses();
        atomics();
        traps();
        i(OP_IMM, 0, ROUNDS, ROUNDS, -1);
        branch(4, 0, ROUNDS, 2); // positive: skip the way out
        emit(SystemOps.WFI);
        jump(loop - size);
    }

    private void integers() {
        for (int[] group : REGISTER) {
            for (int k = 2; k < group.length; k++) {
                emit(group[0] | D << 7 | group[k] << 12 | A << 15 | B << 20 | group[1] << 25);
                unpaired();
                emit(group[0] | D << 7 | group[k] << 12 | B << 15 | A << 20 | group[1] << 25);
                unpaired();
            }
        }
        emit(OP_32 | D << 7 | 4 << 12 | A << 15 | 4 << 25); // zext.h
        for (int[] insn : IMMEDIATE) {
            i(insn[0], insn[1], D, A, insn[2]);
            unpaired();
            i(insn[0], insn[1], D, 0, insn[2]);
            unpaired();
        }
        i(OP_IMM, 0, 0, 0, 0);
        emit(0x37 | D << 7 | 5 << 12);
        emit(0x17 | D << 7 | 5 << 12);
    }

    /** Each load and store, found in the TLB; often, as in a guest, or C2 would not inline them. */
    private void hits() {
        for (int i = 0; i < 8; i++) {
            accesses(64 + 8 * i);
        }
    }

    private void accesses(int offset) {
        for (int width = 0; width < 4; width++) {
            store(0x23, width, D, offset);
        }
        for (int width = 0; width < 7; width++) {
            i(0x03, width, D, DATA, offset);
        }
        for (int width = 2; width < 4; width++) {
            store(0x27, width, 1, offset);
            i(0x07, width, 1, DATA, offset);
        }
    }

    /** Each load and store, not found: misaligned, or after a flush; stores to code and to a device. */
    private void misses() {
        accesses(65);
        for (int width : new int[] {0, 4}) {
            emit(SFENCE_VMA);
            i(0x03, width, D, DATA, 64);
        }
        emit(SFENCE_VMA);
        store(0x23, 0, D, 64);
        // A store to code: the block that is being executed is dropped, and then looked up again.
        i(OP_IMM, 0, COUNT, 0, 3);
        int again = size;
        emit(0x17 | CODE << 7);
        i(0x03, 2, D, CODE, 0);
        emit(0x23 | 2 << 12 | CODE << 15 | D << 20);
        i(OP_IMM, 0, COUNT, COUNT, -1);
        branch(1, COUNT, 0, again - size);
        emit(SystemOps.FENCE_I); // the end of the block, before floating point: a loop with that skips its first word
        // A store to the device, which asks the hart to leave its loop.
        emit(0x23 | 2 << 12 | DEVICE << 15);
        branch(0, 0, 0, 2); // where the hart notices
        unpaired();
    }

    private void atomics() {
        for (int width = 2; width < 4; width++) {
            for (int operation : new int[] {0, 1, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x1c, 2, 3, 3}) {
                int rs2 = operation == AtomicOps.LR ? 0 : B;
                emit(0x2f | D << 7 | width << 12 | DATA << 15 | rs2 << 20 | operation << 27);
            }
        }
        csr(2, D, 0, Csr.CYCLE);
        csr(1, D, A, Csr.MSCRATCH);
    }

    private void floats() {
        for (int format = 0; format < 2; format++) {
            emit(0x53 | 1 << 7 | A << 15 | 0x68 + format << 25); // from int
            emit(0x53 | 2 << 7 | B << 15 | 2 << 20 | 0x68 + format << 25);
            for (int fused = 0x43; fused < 0x53; fused += 4) {
                emit(fused | 3 << 7 | 7 << 12 | 1 << 15 | 2 << 20 | format << 25 | 1 << 27);
            }
            for (int operation = 0; operation < 4; operation++) {
                emit(0x53 | 3 << 7 | 7 << 12 | 1 << 15 | 2 << 20 | format << 25 | operation << 27);
                emit(0x53 | 3 << 7 | 1 << 12 | 1 << 15 | 2 << 20 | format << 25 | operation << 27);
            }
            emit(0x53 | 3 << 7 | 7 << 12 | 1 << 15 | format << 25 | 0x0b << 27); // sqrt
            for (int kind = 0; kind < 3; kind++) {
                emit(0x53 | 3 << 7 | kind << 12 | 1 << 15 | 2 << 20 | format << 25 | 0x04 << 27); // sign
                emit(0x53 | D << 7 | kind << 12 | 1 << 15 | 2 << 20 | format << 25 | 0x14 << 27); // compare
                emit(0x53 | 3 << 7 | (kind & 1) << 12 | 1 << 15 | 2 << 20 | format << 25 | 0x05 << 27); // min, max
            }
            for (int kind = 0; kind < 4; kind++) {
                emit(0x53 | D << 7 | 1 << 12 | 1 << 15 | kind << 20 | format << 25 | 0x18 << 27); // to int
            }
            emit(0x53 | 3 << 7 | 1 << 15 | 1 - format << 20 | format << 25 | 0x08 << 27); // other format
            emit(0x53 | D << 7 | 1 << 15 | format << 25 | 0x1c << 27); // move
            emit(0x53 | D << 7 | 1 << 12 | 1 << 15 | format << 25 | 0x1c << 27); // class
            emit(0x53 | 3 << 7 | A << 15 | format << 25 | 0x1e << 27); // move
        }
    }

    /** Each branch taken forward and not taken, a call and a return, a jump through a register. */
    private void branches() {
        // Twice, because the first time the jump cache is empty.
        i(OP_IMM, 0, COUNT, 0, 2);
        int again = size;
        pairs();
        for (int kind : new int[] {0, 1, 4, 5, 6, 7}) {
            branch(kind, A, B, 2);
            unpaired();
            branch(kind, B, A, 2);
            unpaired();
            branch(kind, A, A, 2);
            unpaired();
        }
        emit(0x6f | 1 << 7 | 8 << 20); // jal over the next
        jump(3);
        i(0x67, 0, 0, 1, 0); // return to it
        emit(OP_IMM);
        i(OP_IMM, 0, COUNT, COUNT, -1);
        branch(1, COUNT, 0, again - size);
        emit(0x0ff0000f); // fence
    }

    /** Each pair that is executed in one step; those that end in a branch, with it taken and not taken. */
    private void pairs() {
        for (int[] pair : Fusion.pairs()) {
            for (int taken = 0; taken < 2; taken++) {
                unpaired();
                if (pair[1] == Op.JALR) {
                    emit(0x17 | 1 << 7); // auipc: where the jump leads is three words on
                }
                instruction(pair[0], taken);
                instruction(pair[1], taken);
                unpaired();
            }
        }
        emit(0x17 | 1 << 7);
        i(0x67, 0, 1, 1, 8); // a call
    }

    private void instruction(int op, int taken) {
        switch (op) {
            case Op.ADDI -> i(OP_IMM, 0, D, A, 1);
            case Op.ANDI -> i(OP_IMM, 7, D, A, 1);
            case Op.SLLI -> i(OP_IMM, 1, D, A, 1);
            case Op.SRLI -> i(OP_IMM, 5, D, A, 1);
            case Op.ADDIW -> i(OP_IMM_32, 0, D, A, 1);
            case Op.SLLIW -> i(OP_IMM_32, 1, D, A, 1);
            case Op.SRLIW -> i(OP_IMM_32, 5, D, A, 1);
            case Op.CONST -> emit(0x37 | D << 7 | 1 << 12);
            case Op.ADD -> emit(OP | D << 7 | A << 15 | B << 20);
            case Op.XOR -> emit(OP | D << 7 | 4 << 12 | A << 15 | B << 20);
            case Op.OR -> emit(OP | D << 7 | 6 << 12 | A << 15 | B << 20);
            case Op.MUL -> emit(OP | D << 7 | A << 15 | B << 20 | 1 << 25);
            case Op.ADDW -> emit(OP_32 | D << 7 | A << 15 | B << 20);
            case Op.SUBW -> emit(OP_32 | D << 7 | A << 15 | B << 20 | 0x20 << 25);
            case Op.BEQ -> branch(0, A, taken != 0 ? A : B, 2);
            case Op.BNE -> branch(1, A, taken != 0 ? B : A, 2);
            case Op.BLTU -> branch(6, taken != 0 ? B : A, A, 2);
            case Op.JALR -> i(0x67, 0, 0, 1, 12);
            default -> throw new IllegalStateException("no instruction is rehearsed for operation " + op);
        }
    }

    private void traps() {
        emit(SystemOps.ECALL);
        emit(SystemOps.EBREAK | 0);
        emit(-1);
        i(0x03, 3, D, 0, 0); // nothing answers at 0
        i(0x67, 0, 29, 0, 0); // nor is there code
        emit(0x23 | 3 << 12); // nor takes a store
    }

    /** sltu, which is part of no pair. */
    private void unpaired() {
        emit(OP | D << 7 | 3 << 12 | A << 15 | B << 20);
    }

    private void emit(int word) {
        if (size == code.length) {
            code = Arrays.copyOf(code, size * 2);
        }
        code[size++] = word;
    }

    private void i(int opcode, int funct3, int rd, int rs1, int imm) {
        emit(opcode | rd << 7 | funct3 << 12 | rs1 << 15 | imm << 20);
    }

    private void store(int opcode, int funct3, int rs2, int offset) {
        emit(opcode | (offset & 31) << 7 | funct3 << 12 | DATA << 15 | rs2 << 20 | offset >> 5 << 25);
    }

    private void csr(int kind, int rd, int rs1, int number) {
        emit(0x73 | rd << 7 | kind << 12 | rs1 << 15 | number << 20);
    }

    /** A branch by that many words. */
    private void branch(int funct3, int rs1, int rs2, int words) {
        int offset = words * 4;
        int high = (offset & 0x7e0) << 20 | (offset < 0 ? 1 << 31 : 0);
        emit(0x63 | (offset & 0x1e) << 7 | (offset & 0x800) >> 4 | high | funct3 << 12 | rs1 << 15 | rs2 << 20);
    }

    /** A jump by that many words; backward at most 1024. */
    private void jump(int words) {
        int offset = words * 4;
        emit(0x6f | (offset & 0xff000) | (offset & 0x800) << 9 | (offset & 0x7fe) << 20 | (offset < 0 ? 1 << 31 : 0));
    }
}
