package dev.cprkit.it.cpu;

import dev.cprkit.it.cpu.InstructionSet.Instruction;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Makes sequences: a mode, registers, and code of random instructions, from a seed.
 *
 * <p>So that results stay telling, registers have parts to play. x2, x8 and x9 point into the block's data and f0 to f7
 * hold what they were given; both are seldom written. x5, for jumps, x6 and x7 point to places that fault or nearly do. Code only jumps
 * forward, to the start of a unit, or away, from where the harness brings it back.
 *
 * <p>What the specification leaves open is not asked for: store-conditional without a reservation of its own address,
 * reserved rounding modes of operations that do not round, counters, encodings of extensions that are not in the set.
 */
final class Sequences {
    private static final int[] GOOD = {2, 8, 9};
    private static final int[] WILD = {6, 7};
    private static final int AWAY = 5;
    private static final int[] COMPUTED = {
        1, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    };
    private static final int MAX_UNIT = 60;

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

    private final SplittableRandom random;
    private final Values values;
    private final Map<String, Integer> emitted = new TreeMap<>();
    private final boolean old;
    private Code code;
    private int mode;
    private boolean delegated;
    private boolean external;
    private boolean guarded;
    /** TVM, TW and TSR. */
    private long trapped;

    private int stretch;

    /**
     * @param old without what QEMU before 8.0 gets wrong: trap returns to another mode, which must clear MPRV, instructions
     *     that end in a page that cannot be fetched, which abort it, store-conditional where PMP forbids stores
     */
    Sequences(long seed, boolean old) {
        this.old = old;
        random = new SplittableRandom(seed);
        values = new Values(random);
    }

    /** How often each instruction was written so far. */
    Map<String, Integer> emitted() {
        return emitted;
    }

    /** Writes sequence {@code index} of the image, whose first byte is {@link Harness#RAM}. */
    void write(ByteBuffer image, int index) {
        long address = Harness.BLOCKS + (long) index * Block.SIZE;
        int at = (int) (address - Harness.RAM);
        mode = random.nextInt(3) == 0 ? 3 : random.nextInt(2);
        delegated = mode != 3 && random.nextInt(3) == 0;
        external = chance(2);
        guarded = chance(4);
        trapped = mode == 1 && chance(6) ? random.nextLong(8) << 20 : 0;
        code = new Code();
        int units = random.nextInt(20, 70);
        stretch = units;
        while (code.units() < units && code.bytes() < Block.CODE_SIZE - MAX_UNIT - 16) {
            code.unit();
            unit();
        }
        stretch = code.units();
        code.unit();
        int end = code.bytes();
        code.word(0x10_0073);
        header(image, at, address, end);
        registers(image, at, address);
        code.writeTo(image, at + Block.CODE);
        for (int i = 0; i < Block.DATA_SIZE; i += 8) {
            image.putLong(at + Block.DATA + i, values.integer());
        }
    }

    private void header(ByteBuffer image, int at, long address, int end) {
        long status = (long) mode << 11 | 0x6000 | 0xa_0000_0000L;
        status |= chance(20) ? 0 : chance(3) ? 1 << 18 : 0;
        status |= chance(3) ? 1 << 19 : 0;
        status |= trapped;
        if (delegated) {
            status |= 1 << 18;
        }
        if (chance(20)) {
            status &= ~0x6000;
        }
        status |= random.nextInt() & 0xa2;
        long start = address + Block.CODE;
        image.putLong(at + Block.MSTATUS, status);
        image.putLong(at + Block.SATP, mode == 3 && chance(2) ? 0 : PageTables.satp(mode != 1, chance(3)));
        image.putLong(at + Block.CODE_START, start);
        image.putLong(at + Block.CODE_END, start + end);
        image.putLong(
                at + Block.RECOVERY, start + code.unitOffset(code.units() - 1 - random.nextInt(code.units() / 3)));
        image.putLong(at + Block.PASSES, random.nextInt(1, 4));
        image.putLong(at + Block.LOG_NEXT, address + Block.LOG);
        image.putLong(at + Block.TRAPS_LEFT, Block.LOG_RECORDS - 2);
        if (guarded) {
            protect(image, at, address);
        }
        image.putLong(at + Block.VECTORED, random.nextInt(2));
        if (chance(3)) {
            image.putLong(at + Block.MIE, random.nextInt() & 0x222);
            // QEMU takes the lowest number first; the external interrupt should go before the others.
            image.putLong(at + Block.MIP, random.nextInt() & (external ? 0x200 : 0x22));
            image.putLong(at + Block.MIDELEG, delegated ? random.nextInt() & 0x222 : 0);
        }
        image.putLong(at + Block.FCSR, random.nextInt(5) << 5 | (chance(2) ? random.nextInt(32) : 0));
        image.putLong(at + Block.MEDELEG, delegated ? delegation() : 0);
    }

    /** Physical memory protection over pages of the zoo and the end of the block's data; none that stays locked. */
    private void protect(ByteBuffer image, int at, long address) {
        for (int i = 0; i < 8; i++) {
            int kind = random.nextInt(4);
            if (kind == 1 && (i == 0 || delegated)) {
                kind = 3;
            }
            int permission = random.nextInt(8);
            image.put(
                    at + Block.PMPCFG0 + i, (byte) (kind << 3 | ((permission & 3) == 2 ? permission | 1 : permission)));
            long place = !delegated && !old && chance(4)
                    ? address + Block.SIZE - 8L * random.nextInt(1, 64)
                    : PageTables.ZOO_PHYSICAL + 8L * random.nextInt(512 * PageTables.ZOO_PHYSICAL_PAGES);
            image.putLong(at + Block.PMPADDR + 8 * i, place >>> 2 | (kind == 3 ? (1L << random.nextInt(12)) - 1 : 0));
        }
    }

    /** Never the breakpoint, which ends a sequence; faults that QEMU has confused with another go where that goes. */
    private int delegation() {
        int delegation = random.nextInt() & 0x107;
        delegation |= (delegation & 2) << 11;
        return chance(2) ? delegation | 0xa0f0 : delegation;
    }

    private void registers(ByteBuffer image, int at, long address) {
        for (int i = 1; i < 32; i++) {
            image.putLong(at + Block.X + 8 * i, values.integer());
        }
        for (int i = 0; i < 32; i++) {
            image.putLong(at + Block.F + 8 * i, values.floating());
        }
        for (int r : GOOD) {
            long odd = chance(8) ? random.nextInt(16) : 0;
            image.putLong(at + Block.X + 8 * r, address + Block.DATA + 0x200 + 16L * random.nextInt(0x80) + odd);
        }
        image.putLong(at + Block.X + 8 * AWAY, wild(!old && chance(4) ? 0xffe : 0x40 + 2 * random.nextInt(0x300)));
        for (int r : WILD) {
            image.putLong(at + Block.X + 8 * r, wild(0xc00));
        }
    }

    /** An address to be careful with; the first half of a page of the zoo is for jumps, the second for data. */
    private long wild(int inPage) {
        long inZoo = 4096L * random.nextInt(PageTables.ZOO_PAGES) + inPage;
        return switch (random.nextInt(16)) {
            case 0 -> random.nextLong();
            case 1 -> Harness.RAM + Harness.RAM_SIZE + 8L * random.nextInt(1 << 20);
            case 2 -> 0x20_0000 + 8L * random.nextInt(1 << 20);
            case 3 -> PageTables.ALIAS + (PageTables.ZOO_PHYSICAL - Harness.RAM) + (inZoo & 0x3_ffff);
            case 4 -> PageTables.HIGH_ALIAS + (PageTables.ZOO_PHYSICAL - Harness.RAM) + (inZoo & 0x3_ffff);
            case 5 -> (random.nextInt(4, 9) & 0xfL) << 30 | 0x1000_0000 + inZoo;
            case 6 -> PageTables.ZOO + (random.nextInt(1, 8) * 0x20_0000L) + inZoo;
            case 7 -> 1L << random.nextInt(38, 64) | PageTables.ZOO + inZoo;
            case 8 -> 1L << 39 | PageTables.ZOO_PHYSICAL + (inZoo & 0x3_ffff);
            case 9, 10 -> PageTables.EDGES + 4096L * random.nextInt(1, PageTables.ZOO_PAGES) - random.nextInt(8);
            default -> PageTables.ZOO + inZoo;
        };
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private int any(int[] of) {
        return of[random.nextInt(of.length)];
    }

    private int rd() {
        return chance(30) ? 0 : any(COMPUTED);
    }

    private int rs() {
        return random.nextInt(32);
    }

    /** One of x8 to x15 that may be written, as its three bits. */
    private int compressedRd() {
        return random.nextInt(2, 8);
    }

    private int fd() {
        return random.nextInt(8, 32);
    }

    private int base() {
        return chance(12) ? any(WILD) : any(GOOD);
    }

    private void unit() {
        List<Instruction> all = InstructionSet.all();
        switch (random.nextInt(24)) {
            case 23 -> {
                count("privileged");
                new PrivilegedUnits(random, code, mode, old, external, guarded, trapped == 0).write();
            }
            case 0 -> illegal();
            case 1 -> reservation();
            case 2 -> farJump();
            case 3 -> {
                if (chance(3)) {
                    modifyCode();
                } else {
                    machineStatus();
                }
            }
            default -> instruction(all.get(random.nextInt(all.size())));
        }
    }

    private void count(String name) {
        emitted.merge(name, 1, Integer::sum);
    }

    private void instruction(Instruction i) {
        int m = i.match();
        switch (i.name()) {
            case "wfi" -> {
                if (mode != 0 && (trapped & 1 << 21) == 0) {
                    return;
                }
            }
            case "mret" -> {
                if (mode == 3) {
                    trapReturn(Harness.MEPC, Harness.MSTATUS, 0x1800, m);
                    return;
                }
            }
            case "sret" -> {
                if (mode == 3 && old || mode == 1 && delegated) {
                    return;
                }
                if (mode != 0) {
                    trapReturn(Harness.SEPC, mode == 3 ? Harness.MSTATUS : Harness.SSTATUS, 0x100, m);
                    return;
                }
            }
            default -> {}
        }
        count(i.name());
        switch (i.opcode()) {
            case R -> code.word(m | rd() << 7 | rs() << 15 | rs() << 20);
            case UNARY -> unary(m, i.name().equals("ctzw"));
            case I -> code.word(m | rd() << 7 | rs() << 15 | immediate() << 20);
            case SHIFT6 -> code.word(m | rd() << 7 | rs() << 15 | random.nextInt(64) << 20);
            case SHIFT5 -> code.word(m | rd() << 7 | rs() << 15 | random.nextInt(32) << 20);
            case U -> code.word(m | rd() << 7 | random.nextInt() << 12);
            case JAL -> code.jump(m | rd() << 7, ahead(stretch));
            case JALR -> jalr(m);
            case BRANCH -> code.jump(m | rs() << 15 | rs() << 20, ahead(stretch));
            case LOAD -> code.word(m | rd() << 7 | base() << 15 | offset() << 20);
            case FLOAD -> code.word(m | fd() << 7 | base() << 15 | offset() << 20);
            case STORE, FSTORE -> store(m);
            case LR, SC -> reservation();
            case AMO -> code.word(m | rd() << 7 | exactAddress() << 15 | rs() << 20 | random.nextInt(4) << 25);
            case CSR -> {
                // QEMU lets csrrs and csrrc of zero pass on a CSR that is read-only.
                int csr = csr();
                boolean writes = csr < 0xc00 || i.name().equals("csrrw");
                code.word(m | rd() << 7 | (writes ? any(COMPUTED) : 0) << 15 | csr << 20);
            }
            case CSR_IMMEDIATE -> code.word(m | rd() << 7 | random.nextInt(32) << 15 | csr() << 20);
            case WHOLE -> code.word(m);
            case SFENCE -> code.word(m | (chance(2) ? 0 : rs()) << 15 | (chance(2) ? 0 : rs()) << 20);
            case F_R -> code.word(m | fd() << 7 | rs() << 15 | rs() << 20 | rm(true) << 12);
            case F_R_EXACT -> code.word(m | fd() << 7 | rs() << 15 | rs() << 20);
            case F_UNARY -> code.word(m | fd() << 7 | rs() << 15 | rm(!i.name().equals("fcvt.d.s")) << 12);
            case F_R4 -> code.word(m | fd() << 7 | rs() << 15 | rs() << 20 | rs() << 27 | rm(true) << 12);
            case F_COMPARE -> code.word(m | rd() << 7 | rs() << 15 | rs() << 20);
            case F_TO_X_ROUNDED -> code.word(m | rd() << 7 | rs() << 15 | rm(true) << 12);
            case F_TO_X -> code.word(m | rd() << 7 | rs() << 15);
            case X_TO_F_ROUNDED ->
                code.word(m | fd() << 7 | rs() << 15 | rm(!i.name().startsWith("fcvt.d.w")) << 12);
            case X_TO_F -> code.word(m | fd() << 7 | rs() << 15);
            default -> compressed(i, m);
        }
    }

    private void compressed(Instruction i, int m) {
        int six = random.nextInt(64);
        int five = random.nextInt(32);
        int split6 = (six & 32) << 7 | (six & 31) << 2;
        switch (i.opcode()) {
            case C_ADDI4SPN -> code.half(m | random.nextInt(1, 256) << 5 | compressedRd() << 2);
            case C_LW, C_LD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | compressedRd() << 2);
            case C_FLD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | random.nextInt(8) << 2);
            case C_SW, C_SD, C_FSD ->
                code.half(m | five << 10 & 0x1c00 | five << 2 & 0x60 | compressedBase() << 7 | random.nextInt(8) << 2);
            case C_CI -> code.half(m | split6 | (i.name().equals("c.addiw") ? any(COMPUTED) : rd()) << 7);
            case C_ADDI16SP -> {
                // There and back, lest the pointer wander.
                int amount = random.nextInt(1, 32);
                code.half(m | addi16sp(amount));
                code.half(m | addi16sp(-amount));
            }
            case C_LUI -> code.half(m | (split6 == 0 ? 4 : split6) | any(COMPUTED) << 7);
            case C_CB_IMMEDIATE -> code.half(m | split6 | compressedRd() << 7);
            case C_CA -> code.half(m | compressedRd() << 7 | random.nextInt(8) << 2);
            case C_J -> code.jump(m, ahead(stretch));
            case C_BRANCH -> code.jump(m | random.nextInt(8) << 7, ahead(6));
            case C_LWSP -> code.half(m | split6 | any(COMPUTED) << 7);
            case C_LDSP -> code.half(m | split6 | any(COMPUTED) << 7);
            case C_FLDSP -> code.half(m | split6 | fd() << 7);
            case C_SWSP, C_SDSP, C_FSDSP -> code.half(m | six << 7 | rs() << 2);
            case C_JR, C_JALR -> {
                int register = random.nextInt(10, 16);
                if (chance(6)) {
                    register = AWAY;
                } else {
                    code.jump(0x17 | register << 7, ahead(stretch));
                    code.word(Assembler.addi(register, register, 0));
                }
                code.half(m | register << 7);
            }
            case C_CR -> code.half(m | rd() << 7 | random.nextInt(1, 32) << 2);
            default -> throw new IllegalStateException(i.toString());
        }
    }

    private static int addi16sp(int amount) {
        return (amount & 0x20) << 7 | (amount & 1) << 6 | (amount & 4) << 3 | amount & 0x18 | (amount & 2) << 1;
    }

    private int compressedBase() {
        return random.nextInt(2);
    }

    private int immediate() {
        return chance(2) ? random.nextInt() : random.nextInt(-4, 5);
    }

    private int offset() {
        int offset = random.nextInt(-0x200, 0x1f8);
        return chance(12) ? offset : offset & -8;
    }

    private int rm(boolean rounds) {
        int r = random.nextInt(40);
        return r < 20 ? r % 5 : r < 39 || !rounds ? 7 : random.nextInt(5, 7);
    }

    private int csr() {
        int csr = any(CSRS);
        boolean handlers = delegated && csr >= 0x100 && csr < 0x200;
        boolean counter = mode == 3 && csr >>> 8 == 0xc;
        return handlers || counter ? 2 : csr;
    }

    /** A unit in front of which the code has not come yet. */
    private int ahead(int reach) {
        return Math.min(code.units() + random.nextInt(Math.max(1, Math.min(reach, 12))), stretch);
    }

    /** QEMU before 8.0 counts on beyond bit 31 where {@code ctzw} finds no one. */
    private void unary(int m, boolean countsLowWord) {
        int source = rs();
        if (countsLowWord && old) {
            source = any(COMPUTED);
            code.word(0x2800_1013 | 31 << 20 | source << 7 | source << 15);
        }
        code.word(m | rd() << 7 | source << 15);
    }

    private void store(int m) {
        int offset = offset();
        code.word(m | base() << 15 | rs() << 20 | (offset >> 5 & 0x7f) << 25 | (offset & 31) << 7);
    }

    /** A register with an address for an atomic, set up before it. */
    private int exactAddress() {
        // QEMU lets an AMO read before it looks whether it may write, and PMP may forbid the first alone.
        if (!guarded && chance(10)) {
            return any(WILD);
        }
        int register = random.nextInt(10, 16);
        int offset = random.nextInt(-0x200, 0x1f8);
        code.word(Assembler.addi(register, any(GOOD), chance(12) ? offset : offset & -8));
        return register;
    }

    private void jalr(int m) {
        int link = rd();
        if (chance(5)) {
            code.word(m | link << 7 | AWAY << 15 | (chance(2) ? 0 : random.nextInt(0x40)) << 20);
            return;
        }
        int register = any(COMPUTED);
        int slack = random.nextInt(-1024, 1024);
        code.jump(0x17 | register << 7, ahead(stretch));
        code.word(Assembler.addi(register, register, 0));
        code.word(Assembler.addi(register, register, -slack));
        code.word(m | link << 7 | register << 15 | slack << 20);
    }

    /** A return from a trap that was none, to a unit ahead, mostly to the mode it is in. */
    private void trapReturn(int epc, int status, int previous, int match) {
        int register = any(COMPUTED_HIGH);
        if (old || !chance(8)) {
            code.word(Assembler.lui(register, previous + 0x800 >>> 12));
            code.word(Assembler.addi(register, register, previous));
            code.word((!old && chance(12) ? 0x3073 : 0x2073) | register << 15 | status << 20);
        }
        code.jump(0x17 | register << 7, ahead(stretch));
        code.word(Assembler.addi(register, register, 0));
        code.word(Assembler.csrrw(0, epc, register));
        code.word(match);
    }

    private void farJump() {
        jalr(0x67);
        count("jalr");
    }

    /** Load-reserved and its store-conditional, or the second alone, which must fail. */
    private void reservation() {
        int wide = random.nextInt(2) << 12;
        int register = random.nextInt(10, 16);
        int address = any(GOOD);
        code.word(0x7013 | register << 7 | address << 15 | -8 << 20);
        if (!chance(6)) {
            code.word(0x1000_202f | wide | any(COMPUTED_HIGH) << 7 | register << 15 | random.nextInt(4) << 25);
            count(wide == 0 ? "lr.w" : "lr.d");
            for (int i = random.nextInt(3); i > 0; i--) {
                code.word(0x33 | any(COMPUTED_HIGH) << 7 | rs() << 15 | rs() << 20);
            }
        }
        code.word(0x1800_202f | wide | any(COMPUTED_HIGH) << 7 | register << 15 | rs() << 20 | random.nextInt(4) << 25);
        count(wide == 0 ? "sc.w" : "sc.d");
    }

    private static final int[] COMPUTED_HIGH = {16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

    private void illegal() {
        count("illegal");
        if (chance(3)) {
            int[] compressed = {
                0,
                0x8000 | random.nextInt(0x2000) & ~3,
                0x9c41 | random.nextInt(8) << 7 | random.nextInt(8) << 2,
                0x9c61 | random.nextInt(8) << 7,
                0x2001,
                0x4002 | random.nextInt(32) << 2,
                0x6002,
                0x8002
            };
            code.half(any(compressed));
            return;
        }
        while (true) {
            int word = random.nextInt() | 3;
            if (chance(2)) {
                Instruction i = InstructionSet.all()
                        .get(random.nextInt(InstructionSet.all().size()));
                word = i.match() & 0xfe00_707f | word & 0x01ff_8f80 ^ 1 << random.nextInt(7, 32);
            }
            if ((word & 0x1f) != 0x1f && InstructionSet.illegal(word)) {
                code.word(word);
                return;
            }
        }
    }

    /** Writes an instruction into code that comes next. */
    private void modifyCode() {
        count("code written");
        int address = random.nextInt(10, 13);
        int word = 0x33 | any(COMPUTED) << 7 | rs() << 15 | rs() << 20 | random.nextInt(8) << 12;
        code.jump(0x17 | address << 7, code.units());
        code.word(Assembler.addi(address, address, 0));
        code.word(Assembler.lui(13, word + 0x800 >>> 12));
        code.word(0x1b | 13 << 7 | 13 << 15 | word << 20);
        code.word(0x2023 | 13 << 20 | address << 15);
        code.word(0x100f);
        code.unit();
        code.word(0x13 | any(COMPUTED) << 7 | 1 << 20);
    }

    /** In machine mode, data accesses with another mode's eyes, and made-up interrupts; elsewhere it is illegal. */
    private void machineStatus() {
        count("mstatus");
        int register = any(COMPUTED_HIGH);
        int bits = mode == 3 && chance(4) ? 0x20 : chance(2) ? 1 << 6 : 1 << 7;
        code.word(Assembler.lui(register, bits));
        code.word(
                (chance(2) ? 0x2073 : 0x3073) | register << 15 | (mode == 3 ? Harness.MSTATUS : Harness.SSTATUS) << 20);
    }
}
