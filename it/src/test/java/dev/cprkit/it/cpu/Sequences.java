package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Makes sequences from a seed: for each a mode and what else it is run under, registers, data, and code of random
 * instructions. Code jumps to the start of a unit ahead, or away, from where the harness brings it back; loops are counted.
 */
final class Sequences {
    private static final int MAX_UNIT = 60;
    private static final int EBREAK = 0x10_0073;

    private final Choice c;
    private final Values values;
    private final Map<String, Integer> emitted = new TreeMap<>();
    private final boolean old;
    private Setting setting;
    private Code code;

    /**
     * @param old fit for QEMU before 8.0, see {@link Setting}
     */
    Sequences(long seed, boolean old) {
        this.old = old;
        SplittableRandom random = new SplittableRandom(seed);
        c = new Choice(random);
        values = new Values(random);
        setting = Setting.choose(c, old);
        code = new Code(0);
    }

    /** How often each instruction was written so far. */
    Map<String, Integer> emitted() {
        return emitted;
    }

    /** Writes sequence {@code index} of the image, whose first byte is {@link Harness#RAM}. */
    void write(ByteBuffer image, int index) {
        long address = Harness.BLOCKS + (long) index * Block.SIZE;
        int at = (int) (address - Harness.RAM);
        setting = Setting.choose(c, old);
        code = new Code(c.between(20, 70));
        Units units = new Units(c, code, setting, emitted);
        while (code.wantsMore() && code.bytes() < Block.CODE_SIZE - MAX_UNIT - 16) {
            code.unit();
            units.write();
        }
        code.end();
        int end = code.bytes();
        code.word(EBREAK);
        header(image, at, address, end);
        registers(image, at, address);
        code.writeTo(image, at + Block.CODE);
        for (int i = 0; i < Block.DATA_SIZE; i += 8) {
            image.putLong(at + Block.DATA + i, values.integer());
        }
    }

    private void header(ByteBuffer image, int at, long address, int end) {
        long status = (long) setting.mode() << 11 | 0x6000 | 0xa_0000_0000L;
        status |= c.chance(20) ? 0 : c.chance(3) ? 1 << 18 : 0;
        status |= c.chance(3) ? 1 << 19 : 0;
        status |= setting.trapped();
        if (setting.delegated()) {
            status |= 1 << 18;
        }
        if (c.chance(20)) {
            status &= ~0x6000;
        }
        status |= c.bits() & 0xa2;
        long start = address + Block.CODE;
        image.putLong(at + Block.MSTATUS, status);
        image.putLong(
                at + Block.SATP,
                setting.machine() && c.chance(2) ? 0 : PageTables.satp(setting.mode() != 1, c.chance(3)));
        image.putLong(at + Block.CODE_START, start);
        image.putLong(at + Block.CODE_END, start + end);
        image.putLong(at + Block.RECOVERY, start + code.unitOffset(code.units() - 1 - c.below(code.units() / 3)));
        image.putLong(at + Block.PASSES, c.between(1, 4));
        image.putLong(at + Block.LOG_NEXT, address + Block.LOG);
        image.putLong(at + Block.TRAPS_LEFT, Block.LOG_RECORDS - 2);
        if (setting.guarded()) {
            protect(image, at, address);
        }
        image.putLong(at + Block.VECTORED, c.below(2));
        if (c.chance(3)) {
            image.putLong(at + Block.MIE, c.bits() & 0x222);
            // QEMU takes the lowest number first; the external interrupt should go before the others.
            image.putLong(at + Block.MIP, c.bits() & (setting.external() ? 0x200 : 0x22));
            image.putLong(at + Block.MIDELEG, setting.delegated() ? c.bits() & 0x222 : 0);
        }
        image.putLong(at + Block.FCSR, c.below(5) << 5 | (c.chance(2) ? c.below(32) : 0));
        image.putLong(at + Block.MEDELEG, setting.delegated() ? delegation() : 0);
    }

    /** Physical memory protection over pages of the zoo and the end of the block's data; none that stays locked. */
    private void protect(ByteBuffer image, int at, long address) {
        for (int i = 0; i < 8; i++) {
            int kind = c.below(4);
            if (kind == 1 && (i == 0 || setting.delegated())) {
                kind = 3;
            }
            int permission = c.below(8);
            image.put(
                    at + Block.PMPCFG0 + i, (byte) (kind << 3 | ((permission & 3) == 2 ? permission | 1 : permission)));
            long place = !setting.delegated() && !setting.old() && c.chance(4)
                    ? address + Block.SIZE - 8L * c.between(1, 64)
                    : PageTables.ZOO_PHYSICAL + 8L * c.below(512 * PageTables.ZOO_PHYSICAL_PAGES);
            image.putLong(at + Block.PMPADDR + 8 * i, place >>> 2 | (kind == 3 ? (1L << c.below(12)) - 1 : 0));
        }
    }

    /** Never the breakpoint, which ends a sequence; faults that QEMU has confused with another go where that goes. */
    private int delegation() {
        int delegation = c.bits() & 0x107;
        delegation |= (delegation & 2) << 11;
        return c.chance(2) ? delegation | 0xa0f0 : delegation;
    }

    private void registers(ByteBuffer image, int at, long address) {
        for (int i = 1; i < 32; i++) {
            image.putLong(at + Block.X + 8 * i, values.integer());
        }
        image.putLong(at + Block.X + 8 * Units.COUNTER, 0);
        for (int i = 0; i < 32; i++) {
            image.putLong(at + Block.F + 8 * i, values.floating());
        }
        for (int r : Choice.GOOD) {
            long odd = !setting.guarded() && c.chance(8) ? c.below(16) : 0;
            image.putLong(at + Block.X + 8 * r, address + Block.DATA + 0x200 + 16L * c.below(0x80) + odd);
        }
        image.putLong(
                at + Block.X + 8 * Choice.AWAY,
                wild(!setting.old() && c.chance(4) ? 0xffe : 0x40 + 2 * c.below(0x300)));
        for (int r : Choice.WILD) {
            image.putLong(at + Block.X + 8 * r, wild(0xc00));
        }
    }

    /** An address to be careful with; the first half of a page of the zoo is for jumps, the second for data. */
    private long wild(int inPage) {
        long inZoo = 4096L * c.below(PageTables.ZOO_PAGES) + inPage;
        return switch (c.below(16)) {
            case 0 -> c.longBits();
            case 1 -> Harness.RAM + Harness.RAM_SIZE + 8L * c.below(1 << 20);
            case 2 -> 0x20_0000 + 8L * c.below(1 << 20);
            case 3 -> PageTables.ALIAS + (PageTables.ZOO_PHYSICAL - Harness.RAM) + (inZoo & 0x3_ffff);
            case 4 -> PageTables.HIGH_ALIAS + (PageTables.ZOO_PHYSICAL - Harness.RAM) + (inZoo & 0x3_ffff);
            case 5 -> (c.between(4, 9) & 0xfL) << 30 | 0x1000_0000 + inZoo;
            case 6 -> PageTables.ZOO + (c.between(1, 8) * 0x20_0000L) + inZoo;
            case 7 -> 1L << c.between(38, 64) | PageTables.ZOO + inZoo;
            case 8 -> 1L << 39 | PageTables.ZOO_PHYSICAL + (inZoo & 0x3_ffff);
            case 9, 10 -> PageTables.EDGES + 4096L * c.between(1, PageTables.ZOO_PAGES) - c.below(8);
            default -> PageTables.ZOO + inZoo;
        };
    }
}
