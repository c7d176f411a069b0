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
 * <p>HotSpot compiles no method over 8,000 bytes of bytecode: what is rare is a call. What an operation does is written
 * out in each case, because a call would cost more than the operation. C2 also stops inlining into a method when all of
 * it would exceed that size, and each access to guest memory takes some 250 bytes; if it gets none, the guest runs at
 * half its speed. So accesses to memory come first in the switch, those of rare widths are calls ({@link RareAccess}),
 * and what the loop calls besides is either tiny or over 325 bytes, which C2 never inlines. The loop allocates nothing; each entry lends it arrays for the registers whose length C2 knows
 * (measured: a third faster than with checked indices).
 */
final class Interpreter {
    private Interpreter() {}

    /**
     * Executes from the hart's {@code ip} and {@code pc} on, until its budget {@code left} is spent, another thread
     * wants attention, or something happens that the hart has to see to ({@link RiscvHart#stop}).
     */
    static void execute(RiscvHart h) {
        final long[] x = new long[64];
        final long[] f = new long[32];
        h.lend(x, f);
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
            long w = code[ip++];
            int a = (int) w;
            long va;
            long link;
            long target;
            double value;
            int t;
            access:
            {
                found:
                {
                    search:
                    {
                        probe:
                        {
                            switch (a & 0xff) {
                                case Op.LBU:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] != (va & ~0xfffL)) {
                                        break access;
                                    }
                                    x[a >>> 8 & 63] = HostMemory.getByte(va + reads[t + 1]) & 0xffL;
                                    continue;
                                case Op.LW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] != (va & ~0xffcL)) {
                                        break access;
                                    }
                                    x[a >>> 8 & 63] = HostMemory.getInt(va + reads[t + 1]);
                                    continue;
                                case Op.LD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] != (va & ~0xff8L)) {
                                        break access;
                                    }
                                    x[a >>> 8 & 63] = HostMemory.getLong(va + reads[t + 1]);
                                    continue;
                                case Op.FLD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (reads[t] != (va & ~0xff8L)) {
                                        break access;
                                    }
                                    f[a >>> 8 & 31] = HostMemory.getLong(va + reads[t + 1]);
                                    continue;
                                case Op.SB:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] != (va & ~0xfffL)) {
                                        break access;
                                    }
                                    HostMemory.putByte(va + writes[t + 1], (byte) x[a >>> 24 & 63]);
                                    continue;
                                case Op.SW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] != (va & ~0xffcL)) {
                                        break access;
                                    }
                                    HostMemory.putInt(va + writes[t + 1], (int) x[a >>> 24 & 63]);
                                    continue;
                                case Op.SD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] != (va & ~0xff8L)) {
                                        break access;
                                    }
                                    HostMemory.putLong(va + writes[t + 1], x[a >>> 24 & 63]);
                                    continue;
                                case Op.FSD:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    t = (int) (va >>> 11) & TlbSet.MASK;
                                    if (writes[t] != (va & ~0xff8L)) {
                                        break access;
                                    }
                                    HostMemory.putLong(va + writes[t + 1], f[a >>> 24 & 31]);
                                    continue;
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
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    continue;
                                case Op.SUB:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] - x[a >>> 24 & 63];
                                    continue;
                                case Op.SLL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] << (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SLT:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] < x[a >>> 24 & 63] ? 1 : 0;
                                    continue;
                                case Op.SLTU:
                                    x[a >>> 8 & 63] =
                                            x[a >>> 16 & 63] + Long.MIN_VALUE < x[a >>> 24 & 63] + Long.MIN_VALUE
                                                    ? 1
                                                    : 0;
                                    continue;
                                case Op.XOR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] ^ x[a >>> 24 & 63];
                                    continue;
                                case Op.SRL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >>> (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SRA:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >> (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.OR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] | x[a >>> 24 & 63];
                                    continue;
                                case Op.AND:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] & x[a >>> 24 & 63];
                                    continue;
                                case Op.ADDW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] + (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SUBW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] - (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SLLW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] << (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SRLW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >>> (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.SRAW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >> (int) x[a >>> 24 & 63];
                                    continue;
                                case Op.MUL:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] * x[a >>> 24 & 63];
                                    continue;
                                case Op.MULW:
                                    x[a >>> 8 & 63] = (int) (x[a >>> 16 & 63] * x[a >>> 24 & 63]);
                                    continue;
                                case Op.SH1ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 1) + x[a >>> 24 & 63];
                                    continue;
                                case Op.SH2ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 2) + x[a >>> 24 & 63];
                                    continue;
                                case Op.SH3ADD:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] << 3) + x[a >>> 24 & 63];
                                    continue;
                                case Op.ADD_UW:
                                    x[a >>> 8 & 63] = (x[a >>> 16 & 63] & 0xffffffffL) + x[a >>> 24 & 63];
                                    continue;
                                case Op.BEQ:
                                    if (x[a >>> 16 & 63] != x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BNE:
                                    if (x[a >>> 16 & 63] == x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BLT:
                                    if (x[a >>> 16 & 63] >= x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BGE:
                                    if (x[a >>> 16 & 63] < x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BLTU:
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE >= x[a >>> 24 & 63] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.BGEU:
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE < x[a >>> 24 & 63] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.JALR:
                                    target = x[a >>> 16 & 63] + (w >> 32) & ~1L;
                                    link = code[ip];
                                    x[a >>> 8 & 63] = pc + (link >> 48);
                                    left -= (int) (link >>> 32) & 0xffff;
                                    pc = target;
                                    break probe;
                                case Op.LB, Op.LH, Op.LHU, Op.LWU, Op.FLW, Op.SH, Op.FSW:
                                    va = x[a >>> 16 & 63] + (w >> 32);
                                    if (RareAccess.execute(x, f, reads, writes, w, va)) {
                                        continue;
                                    }
                                    break access;
                                case Op.ADDI_ADDI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    continue;
                                case Op.ADD_ADD:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    continue;
                                case Op.SRLIW_SLLIW:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] >>> (int) (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] << (int) (w >> 32);
                                    continue;
                                case Op.SLLIW_OR:
                                    x[a >>> 8 & 63] = (int) x[a >>> 16 & 63] << (int) (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] | x[a >>> 24 & 63];
                                    continue;
                                case Op.ANDI_BNE:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] & (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] == x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.ADDI_BNE:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] == x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.ADDI_BEQ:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] != x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.ADDI_BLTU:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE >= x[a >>> 24 & 63] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.ADD_BNE:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] == x[a >>> 24 & 63]) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.ADD_BLTU:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    w = code[ip++];
                                    a = (int) w;
                                    if (x[a >>> 16 & 63] + Long.MIN_VALUE >= x[a >>> 24 & 63] + Long.MIN_VALUE) {
                                        ip++;
                                        continue;
                                    }
                                    break;
                                case Op.SLLI_ADD:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] << (int) (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    continue;
                                case Op.SLLI_SRLI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] << (int) (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] >>> (int) (w >> 32);
                                    continue;
                                case Op.ADDI_JALR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    target = x[a >>> 16 & 63] + (w >> 32) & ~1L;
                                    link = code[ip];
                                    x[a >>> 8 & 63] = pc + (link >> 48);
                                    left -= (int) (link >>> 32) & 0xffff;
                                    pc = target;
                                    break probe;
                                case Op.ADD_JALR:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    w = code[ip++];
                                    a = (int) w;
                                    target = x[a >>> 16 & 63] + (w >> 32) & ~1L;
                                    link = code[ip];
                                    x[a >>> 8 & 63] = pc + (link >> 48);
                                    left -= (int) (link >>> 32) & 0xffff;
                                    pc = target;
                                    break probe;
                                case Op.ADDI_ADD:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    continue;
                                case Op.ADD_ADDI:
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + x[a >>> 24 & 63];
                                    w = code[ip++];
                                    a = (int) w;
                                    x[a >>> 8 & 63] = x[a >>> 16 & 63] + (w >> 32);
                                    continue;
                                case Op.JUMP:
                                    break;
                                case Op.JAL:
                                    x[a >>> 8 & 63] = pc + (code[ip] >> 48);
                                    break;
                                case Op.CALL:
                                    link = code[ip];
                                    x[a >>> 8 & 63] = pc + (link >> 48);
                                    left -= (int) (link >>> 32) & 0xffff;
                                    pc += w >> 32;
                                    break probe;
                                case Op.CROSS:
                                    break probe;
                                case Op.LOOKUP, Op.LINK, Op.STRADDLE:
                                    break search;
                                case Op.FLOAT_ENTER:
                                    if (h.floatsReady) {
                                        continue;
                                    }
                                    break search;
                                case Op.INTEGER:
                                    IntegerOps.execute(x, w);
                                    continue;
                                // The host rounds to nearest even, and inexact is set already: nothing else can have
                                // been raised.
                                case Op.FADD_D:
                                    value = Double.longBitsToDouble(f[a >>> 16 & 31])
                                            + Double.longBitsToDouble(f[a >>> 24 & 31]);
                                    if ((status.flags & FpStatus.NX) > status.rm
                                            && Math.abs(value) <= Double.MAX_VALUE) {
                                        f[a >>> 8 & 31] = Double.doubleToRawLongBits(value);
                                    } else {
                                        FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
                                    }
                                    continue;
                                case Op.FSUB_D:
                                    value = Double.longBitsToDouble(f[a >>> 16 & 31])
                                            - Double.longBitsToDouble(f[a >>> 24 & 31]);
                                    if ((status.flags & FpStatus.NX) > status.rm
                                            && Math.abs(value) <= Double.MAX_VALUE) {
                                        f[a >>> 8 & 31] = Double.doubleToRawLongBits(value);
                                    } else {
                                        FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
                                    }
                                    continue;
                                case Op.FMUL_D:
                                    value = Double.longBitsToDouble(f[a >>> 16 & 31])
                                            * Double.longBitsToDouble(f[a >>> 24 & 31]);
                                    if ((status.flags & FpStatus.NX) > status.rm
                                            && Math.abs(value) <= Double.MAX_VALUE
                                            && Math.abs(value) >= Double.MIN_NORMAL) {
                                        f[a >>> 8 & 31] = Double.doubleToRawLongBits(value);
                                    } else {
                                        FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
                                    }
                                    continue;
                                case Op.FDIV_D:
                                    value = Double.longBitsToDouble(f[a >>> 16 & 31])
                                            / Double.longBitsToDouble(f[a >>> 24 & 31]);
                                    if ((status.flags & FpStatus.NX) > status.rm
                                            && Math.abs(value) <= Double.MAX_VALUE
                                            && Math.abs(value) >= Double.MIN_NORMAL) {
                                        f[a >>> 8 & 31] = Double.doubleToRawLongBits(value);
                                    } else {
                                        FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
                                    }
                                    continue;
                                case Op.FMADD_D:
                                    value = Math.fma(
                                            Double.longBitsToDouble(f[a >>> 16 & 31]),
                                            Double.longBitsToDouble(f[a >>> 24 & 31]),
                                            Double.longBitsToDouble(f[(int) (w >>> 48) & 31]));
                                    if ((status.flags & FpStatus.NX) > status.rm
                                            && Math.abs(value) <= Double.MAX_VALUE
                                            && Math.abs(value) >= Double.MIN_NORMAL) {
                                        f[a >>> 8 & 31] = Double.doubleToRawLongBits(value);
                                    } else {
                                        FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
                                    }
                                    continue;
                                case Op.FLOAT_D:
                                    FloatOps.perform64(x, f, status, w, (int) (w >> 32) & 0xff);
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
                            link = code[ip];
                            pc += w >> 32;
                            left -= (int) (link >>> 32) & 0xffff;
                            ip = (int) link;
                            break found;
                        }
                        // A jump whose target is known only now.
                        t = (int) pc & TlbSet.JUMP_MASK;
                        if (jumps[t] == pc) {
                            ip = (int) jumps[t + 1];
                            break found;
                        }
                    }
                    ip = h.find(w, pc, ip);
                    if (ip <= 0) {
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
