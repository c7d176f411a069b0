package dev.cprkit.vmm.cpu.riscv;

/**
 * Physical memory protection with 16 entries of 4 bytes granularity (RISC-V privileged architecture, "Physical Memory
 * Protection"). Owned by the hart's thread. Asked when a TLB is filled, so that it costs nothing afterwards; a page whose
 * answer is not the same for all its bytes is never put into a TLB.
 */
final class Pmp {
    static final int ENTRIES = 16;
    static final int READ = 1;
    static final int WRITE = 2;
    static final int EXECUTE = 4;

    private static final int MATCHING = 0x18;
    private static final int OFF = 0;
    private static final int TOR = 0x08;
    private static final int NA4 = 0x10;
    private static final int LOCKED = 0x80;
    private static final long ADDRESS_BITS = (1L << 54) - 1;

    private final int[] configurations = new int[ENTRIES];
    private final long[] addresses = new long[ENTRIES];
    // First and last byte of each entry that matches anything; an entry that is off has first > last.
    private final long[] first = new long[ENTRIES];
    private final long[] last = new long[ENTRIES];

    Pmp() {
        reset();
    }

    void reset() {
        for (int i = 0; i < ENTRIES; i++) {
            configurations[i] = 0;
            addresses[i] = 0;
        }
        update();
    }

    /** Reads pmpcfg0 ({@code register} 0, entries 0 to 7) or pmpcfg2 (1, entries 8 to 15). */
    long configuration(int register) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value |= (long) configurations[register * 8 + i] << 8 * i;
        }
        return value;
    }

    /** Writes pmpcfg0 or pmpcfg2; locked entries keep their value, and W without R is dropped. */
    void setConfiguration(int register, long value) {
        for (int i = 0; i < 8; i++) {
            int entry = register * 8 + i;
            if ((configurations[entry] & LOCKED) == 0) {
                int wanted = (int) (value >>> 8 * i) & 0x9f;
                configurations[entry] = (wanted & READ) != 0 ? wanted : wanted & ~WRITE;
            }
        }
        update();
    }

    long address(int entry) {
        return addresses[entry];
    }

    /** Writes a pmpaddr register, unless its entry is locked or bounds a locked TOR entry from below. */
    void setAddress(int entry, long value) {
        boolean bounds = entry + 1 < ENTRIES
                && (configurations[entry + 1] & LOCKED) != 0
                && (configurations[entry + 1] & MATCHING) == TOR;
        if ((configurations[entry] & LOCKED) == 0 && !bounds) {
            addresses[entry] = value & ADDRESS_BITS;
            update();
        }
    }

    /** The raw configuration bytes and addresses, for migration; call {@link #update} after changing them. */
    int[] configurations() {
        return configurations;
    }

    long[] addresses() {
        return addresses;
    }

    /** Computes the ranges that the registers stand for. */
    void update() {
        for (int i = 0; i < ENTRIES; i++) {
            long address = addresses[i];
            switch (configurations[i] & MATCHING) {
                case OFF -> {
                    first[i] = 1;
                    last[i] = 0;
                }
                case TOR -> {
                    first[i] = i == 0 ? 0 : addresses[i - 1] << 2;
                    last[i] = (address << 2) - 1;
                }
                case NA4 -> {
                    first[i] = address << 2;
                    last[i] = first[i] + 3;
                }
                default -> {
                    long ones = address << 2 | 3;
                    long mask = ones ^ ones + 1;
                    first[i] = ones & ~mask;
                    last[i] = first[i] + mask;
                }
            }
        }
    }

    /**
     * Whether a mode may access these bytes: the lowest entry that matches any of them decides, and it must match all.
     * {@code access} is {@link #READ}, {@link #WRITE} or {@link #EXECUTE}.
     */
    boolean allows(long address, int size, int access, int mode) {
        long end = address + size - 1;
        for (int i = 0; i < ENTRIES; i++) {
            if (first[i] <= last[i] && address <= last[i] && end >= first[i]) {
                if (address < first[i] || end > last[i]) {
                    return false;
                }
                return mode == RiscvHart.MACHINE && (configurations[i] & LOCKED) == 0
                        || (configurations[i] & access) != 0;
            }
        }
        return mode == RiscvHart.MACHINE;
    }

    /** Whether all bytes of the 4 KiB page at that address are treated alike. */
    boolean uniform(long page) {
        long end = page + 0xfff;
        for (int i = 0; i < ENTRIES; i++) {
            if (first[i] <= last[i] && page <= last[i] && end >= first[i]) {
                return page >= first[i] && end <= last[i];
            }
        }
        return true;
    }
}
