package dev.cprkit.vmm.device.aclint;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.Arrays;
import java.util.List;

/**
 * The machine timer (RISC-V ACLINT specification, MTIMER): one counter of guest time, and for each hart a comparator
 * that holds MTIP high while the counter is at or above it.
 *
 * <p>The counter ticks at 10 MHz: guest time in units of 100 ns plus an offset that the guest changes by writing the
 * counter. {@link #mtime} may be called by any thread; everything else with the machine lock held.
 */
public final class Mtimer implements Device, MmioRegion {
    /** Where the board {@code virt} has it: after the software interrupts. */
    public static final long BASE = 0x200_4000L;
    /** Bytes of registers. */
    public static final long SIZE = 0x8000L;
    /** Ticks of the counter in a second; the device tree's {@code timebase-frequency}. */
    public static final int FREQUENCY = 10_000_000;

    private static final long NANOS_PER_TICK = 1_000_000_000L / FREQUENCY;
    private static final int MTIME = 0x7ff8;

    private final Clock clock;
    private final IrqLine[] lines;
    private final Clock.Timer[] timers;
    private final long[] compare;
    /** When each timer fires, taken down for a save. */
    private final long[] deadlines;
    /** Added to the clock's ticks; read by the vCPUs without the lock. */
    private volatile long delta;

    private final VmState<Mtimer> state;

    /**
     * @param clock guest time
     * @param lines each hart's MTIP, hart 0 first
     */
    public Mtimer(Clock clock, List<IrqLine> lines) {
        this.clock = clock;
        this.lines = lines.toArray(new IrqLine[0]);
        this.timers = new Clock.Timer[lines.size()];
        this.compare = new long[lines.size()];
        this.deadlines = new long[lines.size()];
        Arrays.fill(compare, -1L);
        for (int hart = 0; hart < timers.length; hart++) {
            int number = hart;
            timers[hart] = clock.timer(() -> evaluate(number));
        }
        this.state = VmState.<Mtimer>of("riscv_mtimer", 3)
                .u64("time_delta", m -> m.delta, (m, v) -> m.delta = v)
                .u64s("timecmp", compare.length, m -> m.compare)
                .u64s("timers", deadlines.length, m -> m.deadlines)
                .preSave(Mtimer::noteDeadlines)
                .postLoad((m, version) -> m.evaluateAll())
                .build();
    }

    /** The counter, in ticks: what the time CSR reads. Any thread. */
    public long mtime() {
        return clock.now() / NANOS_PER_TICK + delta;
    }

    @Override
    public long read(long offset, int size) {
        int at = (int) offset;
        if (at >= MTIME) {
            return part(mtime(), at - MTIME, size);
        }
        int hart = at >> 3;
        return hart < compare.length ? part(compare[hart], at & 7, size) : 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        int at = (int) offset;
        if (at >= MTIME) {
            long ticks = clock.now() / NANOS_PER_TICK;
            delta = replace(ticks + delta, at - MTIME, size, value) - ticks;
            evaluateAll();
            return;
        }
        int hart = at >> 3;
        if (hart < compare.length) {
            compare[hart] = replace(compare[hart], at & 7, size, value);
            evaluate(hart);
        }
    }

    private static long part(long register, int at, int size) {
        if (size == 8 && at == 0) {
            return register;
        }
        return size == 4 && (at & 3) == 0 ? (register >>> (at * 8)) & 0xffff_ffffL : 0;
    }

    private static long replace(long register, int at, int size, long value) {
        if (size == 8 && at == 0) {
            return value;
        }
        if (size != 4 || (at & 3) != 0) {
            return register;
        }
        long mask = 0xffff_ffffL << (at * 8);
        return (register & ~mask) | ((value << (at * 8)) & mask);
    }

    private void evaluateAll() {
        for (int hart = 0; hart < compare.length; hart++) {
            evaluate(hart);
        }
    }

    private void evaluate(int hart) {
        long ticks = clock.now() / NANOS_PER_TICK;
        long now = ticks + delta;
        if (Long.compareUnsigned(now, compare[hart]) >= 0) {
            timers[hart].cancel();
            lines[hart].set(true);
            return;
        }
        lines[hart].set(false);
        long remaining = compare[hart] - now;
        if (remaining < 0 || remaining > Long.MAX_VALUE / NANOS_PER_TICK - ticks) {
            timers[hart].cancel(); // centuries away: beyond what the clock can count
        } else {
            timers[hart].arm((ticks + remaining) * NANOS_PER_TICK);
        }
    }

    private void noteDeadlines() {
        for (int hart = 0; hart < timers.length; hart++) {
            deadlines[hart] = timers[hart].deadline();
        }
    }

    /** Time begins anew at 0; the comparators are as far away as they can be, so that no interrupt is pending. */
    @Override
    public void reset() {
        delta = -(clock.now() / NANOS_PER_TICK);
        Arrays.fill(compare, -1L);
        evaluateAll();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(state, this));
    }
}
