package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.HostMemory;

/**
 * The loads and stores of rare widths. They have the interpreter's fast path, but in a call: C2 inlines only so much
 * into the loop, and that is for the frequent ones. They say false if the TLB does not know the page.
 */
final class RareAccess {
    private RareAccess() {}

    static boolean load(long[] x, long[] f, long[] reads, long word, long va) {
        int index = (int) (va >>> 11) & TlbSet.MASK;
        long tag = reads[index];
        long host = va + reads[index + 1];
        int rd = Op.rd(word);
        switch (Op.op(word)) {
            case Op.LB -> {
                if (tag != (va & ~0xfffL)) {
                    return false;
                }
                x[rd] = HostMemory.getByte(host);
            }
            case Op.LH -> {
                if (tag != (va & ~0xffeL)) {
                    return false;
                }
                x[rd] = HostMemory.getShort(host);
            }
            case Op.LHU -> {
                if (tag != (va & ~0xffeL)) {
                    return false;
                }
                x[rd] = HostMemory.getShort(host) & 0xffffL;
            }
            case Op.LWU -> {
                if (tag != (va & ~0xffcL)) {
                    return false;
                }
                x[rd] = HostMemory.getInt(host) & 0xffffffffL;
            }
            default -> {
                if (tag != (va & ~0xffcL)) {
                    return false;
                }
                f[rd] = FloatOps.box(HostMemory.getInt(host));
            }
        }
        return true;
    }

    static boolean store(long[] x, long[] f, long[] writes, long word, long va) {
        int index = (int) (va >>> 11) & TlbSet.MASK;
        long tag = writes[index];
        long host = va + writes[index + 1];
        int rs2 = Op.rs2(word);
        if (Op.op(word) == Op.SH) {
            if (tag != (va & ~0xffeL)) {
                return false;
            }
            HostMemory.putShort(host, (short) x[rs2]);
        } else {
            if (tag != (va & ~0xffcL)) {
                return false;
            }
            HostMemory.putInt(host, (int) f[rs2]);
        }
        return true;
    }
}
