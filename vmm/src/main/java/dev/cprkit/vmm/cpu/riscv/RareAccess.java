package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.HostMemory;

/**
 * The loads and stores of rare widths. They have the interpreter's fast path, but in a call: C2 inlines only so much
 * into the loop, and that is for the frequent ones. It is one method, over 325 bytes, so that it is never inlined.
 */
final class RareAccess {
    private RareAccess() {}

    /** Executes the word, whose address is {@code va}; false if the TLB does not know the page. */
    static boolean execute(long[] x, long[] f, long[] reads, long[] writes, long word, long va) {
        int index = (int) (va >>> 11) & TlbSet.MASK;
        int op = Op.op(word);
        int rd = Op.rd(word);
        if (op == Op.SH || op == Op.FSW) {
            long tag = writes[index];
            long host = va + writes[index + 1];
            int rs2 = Op.rs2(word);
            if (op == Op.SH) {
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
        long tag = reads[index];
        long host = va + reads[index + 1];
        switch (op) {
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
}
