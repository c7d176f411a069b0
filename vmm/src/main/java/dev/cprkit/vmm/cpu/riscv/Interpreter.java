package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.cpu.riscv.fpu.FpStatus;
import dev.cprkit.vmm.memory.HostMemory;

/**
 * The interpreter's loop over decoded code (see {@link Op} for the words, {@link BlockBuilder} for blocks).
 *
 * <p>How it works: the loop knows the index of the next word ({@code ip}), the virtual address of the block's first
 * instruction ({@code pc}) and how many instructions may still be executed ({@code left}). Neither pc nor the count is
 * touched by straight-line code or by branches that are not taken; a taken branch carries both changes, and the index of
 * the next block, so that going from block to block is no lookup. A trap finds its pc and count in
 * {@link CodeCache#where}. The budget and requests by other threads are looked at whenever a branch is taken.
 *
 * <p>HotSpot compiles no method over 8,000 bytes of bytecode, and C2 stops inlining into one of about that size: what is
 * rare is a call. The loop allocates nothing. It follows no house rule but speed.
 */
@SuppressWarnings({"fallthrough", "NarrowCalculation"}) // one switch, whose cases share their ends
final class Interpreter {
    private Interpreter() {}

    /**
     * Executes from the hart's {@code ip} and {@code pc} on, until its budget {@code left} is spent, another thread
     * wants attention, or something happens that the hart has to see to ({@link RiscvHart#stop}).
     */
    static void execute(RiscvHart h) {
        final long[] x = h.x;
        final long[] f = h.f;
        final FpStatus status = h.status;
        final long[] code = h.code.words;
        final long[] reads = h.mmu.data.read;
        final long[] writes = h.mmu.data.write;
        final long[] jumps = h.mmu.code.jumps;
        int ip = h.ip;
        int left = h.left;
        long pc = h.pc;
        loop:
        for (; ; ) {
            final long w = code[ip++];
            final int a = (int) w;
            final long va;
            final int t;
            access:
            {
                found:
                {
                    verify:
                    {
                        search:
                        {
                            switch (a & 0xff) {
                                case Op.CONST:
                                    x[a >>> 8 & 63] = w >> 32;
                                    continue;
                                case Op.PC:
                                    x[a >>> 8 & 63] = pc + (w >> 32);
                                    continue;
                                case Op.ADDI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    continue;
                                case Op.SLTI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] < (w >> 32) ? 1 : 0;
                                    continue;
                                case Op.SLTIU:
                                    x[a >>> 8 & 63] =
                                            x[a >>> 16 & 63] + Long.MIN_VALUE < (w >> 32) + Long.MIN_VALUE ? 1 : 0;
                                    continue;
                                case Op.XORI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] ^ (w >> 32);
                                    continue;
                                case Op.ORI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] | (w >> 32);
                                    continue;
                                case Op.ANDI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] & (w >> 32);
                                    continue;
                                case Op.SLLI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] << (int) (w >> 32);
                                    continue;
                                case Op.SRLI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >>> (int) (w >> 32);
                                    continue;
                                case Op.SRAI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >> (int) (w >> 32);
                                    continue;
                                case Op.ADDIW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] + (int) (w >> 32);
                                    continue;
                                case Op.SLLIW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] << (int) (w >> 32);
                                    continue;
                                case Op.SRLIW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >>> (int) (w >> 32);
                                    continue;
                                case Op.SRAIW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >> (int) (w >> 32);
                                    continue;
                                case Op.ADD:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24];
                                    continue;
                                case Op.SUB:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] - x[a >>> 24];
                                    continue;
                                case Op.SLL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] << (int) x[a >>> 24];
                                    continue;
                                case Op.SLT:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] < x[a >>> 24] ? 1 : 0;
                                    continue;
                                case Op.SLTU:
                                    x[a >>> 8 & 63] =
                                            x[a >>> 16 & 63] + Long.MIN_VALUE < x[a >>> 24] + Long.MIN_VALUE ? 1 : 0;
                                    continue;
                                case Op.XOR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] ^ x[a >>> 24];
                                    continue;
                                case Op.SRL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >>> (int) x[a >>> 24];
                                    continue;
                                case Op.SRA:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >> (int) x[a >>> 24];
                                    continue;
                                case Op.OR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] | x[a >>> 24];
                                    continue;
                                case Op.AND:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] & x[a >>> 24];
                                    continue;
                                case Op.ADDW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] + (int) x[a >>> 24];
                                    continue;
                                case Op.SUBW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] - (int) x[a >>> 24];
                                    continue;
                                case Op.SLLW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] << (int) x[a >>> 24];
                                    continue;
                                case Op.SRLW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >>> (int) x[a >>> 24];
                                    continue;
                                case Op.SRAW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >> (int) x[a >>> 24];
                                    continue;
                                case Op.MUL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] * x[a >>> 24];
                                    continue;
                                case Op.MULW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] * (int) x[a >>> 24];
                                    continue;
                                case Op.SH1ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 1) + x[a >>> 24];
                                    continue;
                                case Op.SH2ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 2) + x[a >>> 24];
                                    continue;
                                case Op.SH3ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 3) + x[a >>> 24];
                                    continue;
                                case Op.ADD_UW:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] & 0xffffffffL) + x[a >>> 24];
                                    continue;
                                case Op.LB:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xfffL)) {
                                        x[a >>> 8 & 63] = HostMemory.getByte(va + reads[t + 1]);
                                        continue;
                                    }
                                    break access;
                                case Op.LBU:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xfffL)) {
                                        x[a >>> 8 & 63] = HostMemory.getByte(va + reads[t + 1]) & 0xffL;
                                        continue;
                                    }
                                    break access;
                                case Op.LH:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xffeL)) {
                                        x[a >>> 8 & 63] = HostMemory.getShort(va + reads[t + 1]);
                                        continue;
                                    }
                                    break access;
                                case Op.LHU:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xffeL)) {
                                        x[a >>> 8 & 63] = HostMemory.getShort(va + reads[t + 1]) & 0xffffL;
                                        continue;
                                    }
                                    break access;
                                case Op.LW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xffcL)) {
                                        x[a >>> 8 & 63] = HostMemory.getInt(va + reads[t + 1]);
                                        continue;
                                    }
                                    break access;
                                case Op.LWU:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xffcL)) {
                                        x[a >>> 8 & 63] = HostMemory.getInt(va + reads[t + 1]) & 0xffffffffL;
                                        continue;
                                    }
                                    break access;
                                case Op.LD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xff8L)) {
                                        x[a >>> 8 & 63] = HostMemory.getLong(va + reads[t + 1]);
                                        continue;
                                    }
                                    break access;
                                case Op.FLW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xffcL)) {
                                        f[a >>> 8 & 63] = HostMemory.getInt(va + reads[t + 1]) | FloatOps.BOX;
                                        continue;
                                    }
                                    break access;
                                case Op.FLD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] == (va & ~0xff8L)) {
                                        f[a >>> 8 & 63] = HostMemory.getLong(va + reads[t + 1]);
                                        continue;
                                    }
                                    break access;
                                case Op.SB:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xfffL)) {
                                        HostMemory.putByte(va + writes[t + 1], (byte) x[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.SH:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xffeL)) {
                                        HostMemory.putShort(va + writes[t + 1], (short) x[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.SW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xffcL)) {
                                        HostMemory.putInt(va + writes[t + 1], (int) x[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.SD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xff8L)) {
                                        HostMemory.putLong(va + writes[t + 1], x[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.FSW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xffcL)) {
                                        HostMemory.putInt(va + writes[t + 1], (int) f[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.FSD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] == (va & ~0xff8L)) {
                                        HostMemory.putLong(va + writes[t + 1], f[a >>> 24]);
                                        continue;
                                    }
                                    break access;
                                case Op.BEQ:
                                    if (x[a >>> 16 & 63] != x[a >>> 24]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BNE:
                                    if (x[a >>> 16 & 63] == x[a >>> 24]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BLT:
                                    if (x[a >>> 16 & 63] >= x[a >>> 24]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BGE:
                                    if (x[a >>> 16 & 63] < x[a >>> 24]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BLTU:
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE >= x[a >>> 24] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BGEU:
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE < x[a >>> 24] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.JUMP:
                                    break;
                                case Op.JAL:
                                    x[a >>> 8 & 63] = pc + (code[ip] >> 48);
                                    break;
                                case Op.JALR: {
                                    long link = code[ip];
                                    long target = x[a >>> 16 & 63] + (w >> 32) & ~1L;
                                    x[a >>> 8 & 63] = pc + (link >> 48);
                                    left -= (int) (link >>> 32) & 0xffff;
                                    pc = target;
                                    int j = (int) target & TlbSet.JUMP_MASK;
                                    if (jumps[j] == target) {
                                        ip = (int) jumps[j + 1];
                                        break found;
                                    }
                                    break search;
                                }
                                case Op.CROSS: {
                                    int j = (int) pc & TlbSet.JUMP_MASK;
                                    if (jumps[j] == pc) {
                                        ip = (int) jumps[j + 1];
                                        break found;
                                    }
                                    break search;
                                }
                                case Op.LOOKUP:
                                    break search;
                                case Op.LINK:
                                    ip = h.link((int) (w >> 32), code[ip], pc);
                                    break verify;
                                case Op.FLOAT_ENTER:
                                    if (h.floatsReady) {
                                        continue;
                                    }
                                    ip = h.enterFloats(w, pc, ip);
                                    break verify;
                                case Op.STRADDLE:
                                    if (h.straddles(w, pc, ip)) {
                                        continue;
                                    }
                                    break loop;
                                case Op.INTEGER:
                                    IntegerOps.execute(x, w);
                                    continue;
                                case Op.FLOAT:
                                    FloatOps.execute(x, f, status, w);
                                    continue;
                                default:
                                    h.pc = pc;
                                    h.ip = ip;
                                    h.left = left;
                                    if (h.execute(w)) {
                                        continue;
                                    }
                                    return;
                            }
                            // A direct branch is taken.
                            long link = code[ip];
                            pc += w >> 32;
                            left -= (int) (link >>> 32) & 0xffff;
                            ip = (int) link;
                            break found;
                        }
                        // The block at pc is not known.
                        ip = h.lookup(pc);
                    }
                    if (!h.goesOn(ip, code)) {
                        break loop;
                    }
                }
                // On to the next block, unless there is something to look at first.
                if (left >= 0 && (int) RiscvHart.ATTENTION.getOpaque(h) == 0) {
                    continue;
                }
                break loop;
            }
            // The TLB does not know the page of a load or store, or it is misaligned.
            if (!h.mmu.access(w, va)) {
                break loop;
            }
        }
        h.pc = pc;
        h.ip = ip;
        h.left = left;
    }
}
