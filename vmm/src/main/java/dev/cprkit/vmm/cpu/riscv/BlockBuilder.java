package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.HostMemory;

/**
 * Decodes a block: the instructions from an address on, through forward jumps and past conditional branches that are not
 * taken, until a jump elsewhere, an instruction that changes how code is fetched, the end of the page, or a limit. So a
 * block has one entry and many exits, and a branch that is not taken costs nothing. Owned by the hart's thread.
 */
final class BlockBuilder {
    /** Most instructions in one block. */
    static final int LIMIT = 120;
    /** No block and its links take more words. */
    private static final int ROOM = LIMIT * 6 + 16;

    /** Set in the key of the variant of a block whose floating-point instructions check that they may execute. */
    static final long CHECKED = 1;

    private final RiscvHart hart;
    private final CodeCache cache;
    private final long[] words = new long[ROOM];
    private final int[] where = new int[ROOM];
    private final int[] linkAt = new int[LIMIT + 2];
    private final int[] linkTo = new int[LIMIT + 2];
    private int size;
    private int links;
    /** Words from here on are not part of a pair yet. */
    private int single;

    private int begin;
    private int end;
    private int count;
    private long lines;
    private boolean floats;
    private boolean floatWrites;

    BlockBuilder(RiscvHart hart) {
        this.hart = hart;
        this.cache = hart.code;
    }

    /**
     * Decodes the block at a physical address (plus {@link #CHECKED}) in RAM or ROM, which is mapped at {@code va} now.
     * Returns its index, or -1 if its first instruction reaches into a page that cannot be fetched (the trap is
     * recorded).
     */
    int build(long key, long va) {
        cache.reserve(ROOM);
        size = 0;
        links = 0;
        single = 0;
        count = 0;
        lines = 0;
        floats = false;
        floatWrites = false;
        begin = (int) key & 0xffe;
        boolean checked = (key & CHECKED) != 0;
        long host = hart.mmu.readableHost(key & ~0xfffL, 0x1000);
        int at = begin;
        while (at < 0x1000 && count < LIMIT) {
            int insn = HostMemory.getShort(host + at) & 0xffff;
            int length = 2;
            if ((insn & 3) != 3) {
                int expanded = Compressed.expand(insn);
                at = emit(
                        expanded == Compressed.ILLEGAL ? Decoder.illegal(insn) : Decoder.decode(expanded),
                        at,
                        length,
                        checked);
            } else if (at != 0xffe) {
                length = 4;
                insn = HostMemory.getInt(host + at);
                at = emit(Decoder.decode(insn), at, length, checked);
            } else if (count == 0) {
                long second = hart.mmu.fetchAddress(va + 2);
                if (second == Mmu.FAULT) {
                    return -1;
                }
                insn |= HostMemory.getShort(hart.mmu.readableHost(second, 2)) << 16;
                append(Op.word(Op.STRADDLE, 0, 0, 0, insn), at, 2);
                at = emit(Decoder.decode(insn), at, 4, checked);
            } else {
                break;
            }
            if (at < 0) {
                return finish(key, checked);
            }
        }
        jump(at);
        return finish(key, checked);
    }

    /** Appends one instruction; returns where to go on, or -1 if the block ends. */
    private int emit(long word, int at, int length, boolean checked) {
        int next = at + length;
        end = next; // every jump that the block goes through leads forward
        lines |= 1L << (at >>> 6);
        lines |= next - 1 < 0x1000 ? 1L << (next - 1 >>> 6) : 0;
        int op = Op.op(word);
        switch (op) {
            case Op.JUMP -> {
                int target = at + Op.immediate(word);
                count++;
                if (target > at && target < 0x1000 && length + at <= 0x1000) {
                    return target; // go on there
                }
                jump(target);
                return -1;
            }
            case Op.JAL -> {
                int target = at + Op.immediate(word);
                append(Op.word(Op.JAL, Op.rd(word), 0, 0, target - begin), at, length);
                count++;
                link(target, next);
                return -1;
            }
            case Op.JALR -> {
                if (call(word, at, next, length)) {
                    return -1;
                }
                append(word, at, length);
                count++;
                words[size++] = (long) count << 32 | (long) (next - begin) << 48;
                return -1;
            }
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> {
                int target = at + Op.immediate(word);
                append(Op.word(op, 0, Op.rs1(word), Op.rs2(word), target - begin), at, length);
                count++;
                link(target, next);
                return next;
            }
            case Op.PC -> append(Op.word(op, Op.rd(word), 0, 0, Op.immediate(word) + at - begin), at, length);
            case Op.SYSTEM, Op.ILLEGAL -> {
                append(word, at, length);
                count++;
                return -1;
            }
            case Op.FLOAT, Op.FLW, Op.FLD, Op.FSW, Op.FSD -> {
                floats = true;
                boolean writes = FloatOps.writes(word);
                floatWrites |= writes;
                if (checked) {
                    boolean dynamic = op == Op.FLOAT && (Op.immediate(word) >>> 8 & 7) == FloatOps.DYNAMIC;
                    append(Op.word(Op.FLOAT_CHECKED, writes ? 1 : 0, dynamic ? 1 : 0, 0, 0), at, length);
                }
                append(fast(word), at, length);
            }
            default -> {
                boolean idle = op >= Op.NOP && op <= Op.ADD_UW && Op.rd(word) == Op.SINK;
                if (op == Op.ADD && !idle && Op.rs1(word) == 0) {
                    append(Op.word(Op.ADDI, Op.rd(word), Op.rs2(word), 0, 0), at, length); // c.mv
                } else if ((op == Op.ADDI || op == Op.ADDIW) && !idle) {
                    appendAddition(word, at, length);
                } else if (!idle) {
                    append(word, at, length);
                }
            }
        }
        count++;
        return next;
    }

    /** Operations on doubles that round in the current mode, or not at all, have a short cut. */
    private static long fast(long word) {
        if (Op.op(word) != Op.FLOAT) {
            return word;
        }
        int selector = Op.immediate(word);
        boolean single = (selector & FloatOps.SINGLE) != 0;
        boolean dynamic = (selector >>> 8 & 7) == FloatOps.DYNAMIC;
        if (single) {
            return word;
        }
        int op =
                switch (selector & 0x7f) {
                    case FloatOps.SGNJ,
                            FloatOps.SGNJN,
                            FloatOps.SGNJX,
                            FloatOps.MIN,
                            FloatOps.MAX,
                            FloatOps.LE,
                            FloatOps.LT,
                            FloatOps.EQ,
                            FloatOps.MOVE_TO_X,
                            FloatOps.CLASSIFY,
                            FloatOps.MOVE_FROM_X -> Op.FLOAT_D;
                    case FloatOps.ADD -> dynamic ? Op.FADD_D : Op.FLOAT;
                    case FloatOps.SUB -> dynamic ? Op.FSUB_D : Op.FLOAT;
                    case FloatOps.MUL -> dynamic ? Op.FMUL_D : Op.FLOAT;
                    case FloatOps.DIV -> dynamic ? Op.FDIV_D : Op.FLOAT;
                    case FloatOps.MADD -> dynamic ? Op.FMADD_D : Op.FLOAT;
                    default -> dynamic ? Op.FLOAT_D : Op.FLOAT;
                };
        return word & ~0xffL | op;
    }

    /** Makes one operation of AUIPC and JALR to what it computed, which is how far functions are called. */
    private boolean call(long word, int at, int next, int length) {
        if (size == 0 || Op.op(words[size - 1]) != Op.PC || Op.rd(words[size - 1]) != Op.rs1(word)) {
            return false;
        }
        if (Op.rd(word) != Op.rs1(word)) {
            return false; // both registers are written
        }
        long target = (long) Op.immediate(words[size - 1]) + Op.immediate(word);
        if (target != (int) target || (target & 1) != 0) {
            return false;
        }
        size--;
        append(Op.word(Op.CALL, Op.rd(word), 0, 0, (int) target), at, length);
        count++;
        where[size] = 0;
        words[size++] = (long) count << 32 | (long) (next - begin) << 48;
        return true;
    }

    private void append(long word, int at, int length) {
        if (size > single) {
            int fused = Fusion.of(Op.op(words[size - 1]), Op.op(word));
            if (fused != 0) {
                words[size - 1] = words[size - 1] & ~0xffL | fused;
                single = size + 1;
            }
        }
        where[size] = at - begin << 16 | length << 8 | count;
        words[size++] = word;
    }

    /** Appends an addition of a constant; folds it into the constant or the address that it is added to. */
    private void appendAddition(long word, int at, int length) {
        if (size > 0 && Op.rd(words[size - 1]) == Op.rs1(word) && Op.rd(word) == Op.rs1(word)) {
            long before = words[size - 1];
            long sum = (long) Op.immediate(before) + Op.immediate(word);
            boolean narrow = Op.op(word) == Op.ADDIW;
            boolean constant = Op.op(before) == Op.CONST && (narrow || sum == (int) sum);
            boolean address = Op.op(before) == Op.PC && !narrow && sum == (int) sum;
            if (constant || address) {
                words[size - 1] = Op.word(Op.op(before), Op.rd(word), 0, 0, (int) sum);
                return;
            }
        }
        append(word, at, length);
    }

    /** Ends the block with a jump to an offset in the page, or beyond it. */
    private void jump(int target) {
        append(Op.word(Op.JUMP, 0, 0, 0, target - begin), 0, 0);
        where[size - 1] = 0;
        link(target, 0);
    }

    private void link(int target, int next) {
        linkAt[links] = size;
        linkTo[links++] = target;
        where[size] = 0;
        words[size++] = (long) count << 32 | (long) (next - begin) << 48;
    }

    private int finish(long key, boolean checked) {
        int start = cache.top;
        if (floats && !checked) {
            put(Op.word(Op.FLOAT_ENTER, floatWrites ? 1 : 0, 0, 0, 0), 0);
        }
        int base = cache.top;
        for (int i = 0; i < size; i++) {
            put(words[i], where[i]);
        }
        for (int i = 0; i < links; i++) {
            int at = base + linkAt[i];
            cache.words[at] |= resolve(key, linkTo[i], at, start);
        }
        cache.add(key, start, end, lines);
        return start;
    }

    /** The index that a link goes to: the target's block if there is one, else a stub that will look for it. */
    private int resolve(long key, int target, int at, int start) {
        if (target < 0 || target >= 0x1000) {
            return CodeCache.CROSS;
        }
        long wanted = key & ~0xfffL | target | key & CHECKED;
        if (wanted == key) {
            // A loop checks only once that floating point is enabled: nothing in the block can change that.
            return Op.op(cache.words[start]) == Op.FLOAT_ENTER ? start + 1 : start;
        }
        int known = cache.find(wanted);
        if (known != 0) {
            return known;
        }
        int stub = cache.top;
        put(Op.word(Op.LINK, 0, 0, 0, at), 0);
        put(wanted, 0);
        return stub;
    }

    private void put(long word, int at) {
        cache.words[cache.top] = word;
        cache.where[cache.top++] = at;
    }
}
