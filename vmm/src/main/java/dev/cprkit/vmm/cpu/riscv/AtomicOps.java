package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.HostMemory;

/**
 * The A extension. A reservation is the physical address of the load and the value it saw: a conditional store succeeds
 * if the address is the same and an atomic compare-and-set finds the value unchanged, so that a device's write to the
 * place is noticed too (RISC-V unprivileged architecture, "A" extension; addresses must be naturally aligned).
 */
final class AtomicOps {
    static final int ADD = 0x00;
    static final int SWAP = 0x01;
    static final int LR = 0x02;
    static final int SC = 0x03;
    static final int XOR = 0x04;
    static final int OR = 0x08;
    static final int AND = 0x0c;
    static final int MIN = 0x10;
    static final int MAX = 0x14;
    static final int MINU = 0x18;
    static final int MAXU = 0x1c;

    /** Set in the operation's number if it works on 8 bytes. */
    static final int DOUBLE = 0x20;

    private static final long NONE = -1;

    private final RiscvHart hart;
    private long reservedAddress = NONE;
    private long reservedValue;

    AtomicOps(RiscvHart hart) {
        this.hart = hart;
    }

    void dropReservation() {
        reservedAddress = NONE;
    }

    /** Executes an {@link Op#ATOMIC} word; false if it trapped. */
    boolean execute(long word) {
        int selector = Op.immediate(word);
        int size = (selector & DOUBLE) != 0 ? 8 : 4;
        long va = hart.x[Op.rs1(word)];
        int operation = selector & 0x1f;
        if ((va & size - 1) != 0) {
            return hart.trap(operation == LR ? Cause.LOAD_MISALIGNED : Cause.STORE_MISALIGNED, va);
        }
        Mmu mmu = hart.mmu;
        long pa = mmu.dataAddress(va, size, operation == LR ? Mmu.LOAD : Mmu.STORE);
        if (pa == Mmu.FAULT) {
            return false;
        }
        long host = operation == LR ? mmu.readableHost(pa, size) : mmu.writableHost(pa, size);
        if (host == 0) {
            // Devices and ROM support no atomics.
            return hart.trap(operation == LR ? Cause.LOAD_ACCESS : Cause.STORE_ACCESS, va);
        }
        int rd = Op.rd(word);
        long operand = hart.x[Op.rs2(word)];
        switch (operation) {
            case LR -> {
                long value = load(host, size);
                reservedAddress = pa;
                reservedValue = value;
                hart.x[rd] = value;
            }
            case SC -> {
                boolean stored = pa == reservedAddress && swap(host, size, reservedValue, operand);
                reservedAddress = NONE;
                if (stored) {
                    hart.code.written(pa, size);
                }
                hart.x[rd] = stored ? 0 : 1;
            }
            default -> {
                long old;
                do {
                    old = load(host, size);
                } while (!swap(host, size, old, combine(operation, old, size == 8 ? operand : (int) operand)));
                hart.code.written(pa, size);
                hart.x[rd] = old;
            }
        }
        return true;
    }

    private static long load(long host, int size) {
        return size == 8 ? HostMemory.getLong(host) : HostMemory.getInt(host);
    }

    private static boolean swap(long host, int size, long expected, long value) {
        return size == 8
                ? HostMemory.compareAndSetLong(host, expected, value)
                : HostMemory.compareAndSetInt(host, (int) expected, (int) value);
    }

    /** Both operands sign-extended: the unsigned order of two such words is that of their low halves. */
    private static long combine(int operation, long old, long operand) {
        return switch (operation) {
            case ADD -> old + operand;
            case SWAP -> operand;
            case XOR -> old ^ operand;
            case OR -> old | operand;
            case AND -> old & operand;
            case MIN -> Math.min(old, operand);
            case MAX -> Math.max(old, operand);
            case MINU -> Long.compareUnsigned(old, operand) < 0 ? old : operand;
            default -> Long.compareUnsigned(old, operand) > 0 ? old : operand;
        };
    }
}
