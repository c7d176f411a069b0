package dev.cprkit.vmm.device.rtc;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.List;

/**
 * Google's goldfish real-time clock: 64-bit nanoseconds since 1970 in two registers, and an alarm.
 *
 * <p>The time is the host's time of day plus an offset, which the guest changes by setting the clock; the offset is what
 * travels, so the guest sees the time of day go on through an update. Reading the low half latches the high half.
 * Called with the machine lock held.
 */
public final class GoldfishRtc implements Device, MmioRegion {
    /** Where the board {@code virt} has it. */
    public static final long BASE = 0x10_1000L;
    /** Bytes of registers. */
    public static final long SIZE = 0x24L;
    /** Its interrupt source on the board {@code virt}. */
    public static final int IRQ = 11;

    private static final int TIME_LOW = 0x00;
    private static final int TIME_HIGH = 0x04;
    private static final int ALARM_LOW = 0x08;
    private static final int ALARM_HIGH = 0x0c;
    private static final int IRQ_ENABLED = 0x10;
    private static final int CLEAR_ALARM = 0x14;
    private static final int ALARM_STATUS = 0x18;
    private static final int CLEAR_INTERRUPT = 0x1c;

    private static final long LOW = 0xffff_ffffL;
    private static final long NODE_SIZE = 0x1000L;

    private static final VmState<GoldfishRtc> STATE = VmState.<GoldfishRtc>of("goldfish_rtc", 3)
            .u64("tick_offset_vmstate", r -> r.offsetToGuestTime, (r, v) -> r.offsetToGuestTime = v)
            .u64("alarm_next", r -> r.alarm, (r, v) -> r.alarm = v)
            .u32("alarm_running", r -> r.alarmRunning ? 1 : 0, (r, v) -> r.alarmRunning = v != 0)
            .u32("irq_pending", r -> r.pending ? 1 : 0, (r, v) -> r.pending = v != 0)
            .u32("irq_enabled", r -> r.enabled ? 1 : 0, (r, v) -> r.enabled = v != 0)
            .u32("time_high", r -> r.latchedHigh, (r, v) -> r.latchedHigh = v & LOW)
            .u64("tick_offset", r -> r.offset, (r, v) -> r.offset = v)
            .preSave(r -> r.offsetToGuestTime = r.offset + r.wallClock.nanos() - r.clock.now())
            .postLoad((r, version) -> r.loaded())
            .build();

    private final IrqLine irq;
    private final WallClock wallClock;
    private final Clock clock;
    private final Clock.Timer timer;

    private long offset;
    private long alarm;
    private boolean alarmRunning;
    private boolean pending;
    private boolean enabled;
    private long latchedHigh;
    /** The offset relative to {@link #clock}, which streams older than version 3 had alone. Only ever sent. */
    private long offsetToGuestTime;

    /**
     * @param wallClock the host's time of day
     * @param clock what alarms are timed on; host time makes an alarm ring when it is due by the wall clock
     */
    public GoldfishRtc(IrqLine irq, WallClock wallClock, Clock clock) {
        this.irq = irq;
        this.wallClock = wallClock;
        this.clock = clock;
        this.timer = clock.timer(this::setAlarm);
    }

    private long time() {
        return wallClock.nanos() + offset;
    }

    @Override
    public long read(long at, int size) {
        if (size != 4) {
            return 0;
        }
        return switch ((int) at) {
            case TIME_LOW -> {
                long now = time();
                latchedHigh = now >>> 32;
                yield now & LOW;
            }
            case TIME_HIGH -> latchedHigh;
            case ALARM_LOW -> alarm & LOW;
            case ALARM_HIGH -> alarm >>> 32;
            case IRQ_ENABLED -> enabled ? 1 : 0;
            case ALARM_STATUS -> alarmRunning ? 1 : 0;
            default -> 0;
        };
    }

    @Override
    public void write(long at, int size, long value) {
        if (size != 4) {
            return;
        }
        switch ((int) at) {
            case TIME_LOW -> {
                long now = time();
                offset += ((now & ~LOW) | (value & LOW)) - now;
                rearm();
            }
            case TIME_HIGH -> {
                long now = time();
                offset += ((now & LOW) | (value << 32)) - now;
                rearm();
            }
            case ALARM_LOW -> {
                alarm = (alarm & ~LOW) | (value & LOW);
                setAlarm();
            }
            case ALARM_HIGH -> alarm = (alarm & LOW) | (value << 32);
            case IRQ_ENABLED -> {
                enabled = (value & 1) != 0;
                update();
            }
            case CLEAR_ALARM -> {
                timer.cancel();
                alarmRunning = false;
            }
            case CLEAR_INTERRUPT -> {
                pending = false;
                update();
            }
            default -> {}
        }
    }

    /** Rings at once if the time has come, or waits for it: the time of day may have been set since the timer was armed. */
    private void setAlarm() {
        long now = time();
        if (Long.compareUnsigned(alarm, now) <= 0) {
            timer.cancel();
            alarmRunning = false;
            pending = true;
            update();
        } else {
            alarmRunning = true;
            long remaining = alarm - now;
            boolean countable = remaining > 0 && remaining <= Long.MAX_VALUE - clock.now();
            timer.arm(countable ? clock.now() + remaining : Long.MAX_VALUE);
        }
    }

    private void rearm() {
        if (alarmRunning) {
            setAlarm();
        }
    }

    private void loaded() {
        timer.cancel();
        rearm();
        update();
    }

    private void update() {
        irq.set(pending && enabled);
    }

    /** Back to the host's time of day, with no alarm set. */
    @Override
    public void reset() {
        timer.cancel();
        offset = 0;
        alarm = 0;
        alarmRunning = false;
        pending = false;
        enabled = false;
        latchedHigh = 0;
        update();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(STATE, this));
    }

    /** Adds the clock's node. */
    public static void describe(FdtNode parent, int interruptParent) {
        parent.child("rtc@" + Long.toHexString(BASE))
                .cells("interrupts", IRQ)
                .cells("interrupt-parent", interruptParent)
                .reg(BASE, NODE_SIZE)
                .strings("compatible", "google,goldfish-rtc");
    }
}
