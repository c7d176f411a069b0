package dev.cprkit.vmm.device.watchdog;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.PTimer;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.List;
import java.util.Set;

/**
 * ARM's watchdog module SP805 in the form of the Cortex-M system design kit (CMSDK): a 32-bit counter that must be
 * reloaded before it reaches 0. The first time it does, it raises its interrupt and counts again; the second time, with
 * the interrupt still raised, it stops and asserts its reset output, which is what {@code expired} is told of.
 *
 * <p>Source: ARM DDI 0270 (SP805) and DDI 0479 (CMSDK), programmer's models. Called with the machine lock held.
 */
public final class CmsdkWatchdog implements Device, MmioRegion {
    /** Its name as a device model. */
    public static final String MODEL = "cmsdk-apb-watchdog";
    /** Where the board {@code virt} has it, if it is asked for: at the start of the space for platform devices. */
    public static final long BASE = 0x400_0000L;
    /** Bytes of registers. */
    public static final long SIZE = 0x1000L;
    /** Its interrupt source on the board {@code virt}: the first of the platform devices'. */
    public static final int IRQ = 64;
    /** Counts in a second. */
    public static final int FREQUENCY = 32_768;

    private static final int LOAD = 0x000;
    private static final int VALUE = 0x004;
    private static final int CONTROL = 0x008;
    private static final int CLEAR = 0x00c;
    private static final int RAW_STATUS = 0x010;
    private static final int MASKED_STATUS = 0x014;
    private static final int LOCK = 0xc00;
    private static final int TEST_CONTROL = 0xf00;
    private static final int TEST_OUTPUT = 0xf04;
    private static final int IDENTITY = 0xfd0;

    /** Enables the counter and its interrupt. */
    private static final int INTEN = 1;
    /** Enables the reset output. */
    private static final int RESEN = 2;

    private static final int TEST_INTERRUPT = 2;
    private static final int TEST_RESET = 1;
    private static final int UNLOCK = 0x1acc_e551;
    private static final long MAX = 0xffff_ffffL;
    /** Peripheral identification 4 to 7 and 0 to 3, then component identification: a byte in each register. */
    private static final int[] IDENTITIES = {0x04, 0, 0, 0, 0x24, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    /** QEMU's {@code clock}, in units of 2^-32 ns. It never changes here. */
    private static final VmState<CmsdkWatchdog> CLOCK = VmState.<CmsdkWatchdog>of("clock", 0)
            .u64("period", w -> (1_000_000_000L << 32) / FREQUENCY, (w, v) -> {})
            .subsection(VmState.<CmsdkWatchdog>of("clock/muldiv", 1)
                    .u32("multiplier", w -> 1, (w, v) -> {})
                    .u32("divider", w -> 1, (w, v) -> {})
                    .needed(w -> false)
                    .build())
            .build();

    private static final VmState<CmsdkWatchdog> STATE = VmState.<CmsdkWatchdog>of(MODEL, 2)
            .struct("wdogclk", CLOCK, w -> w)
            .struct("timer", PTimer.STATE, w -> w.timer)
            .u32("control", w -> w.control, (w, v) -> w.control = (int) v & (INTEN | RESEN))
            .u32("intstatus", w -> w.raised ? 1 : 0, (w, v) -> w.raised = v != 0)
            .u32("lock", w -> w.locked ? 1 : 0, (w, v) -> w.locked = v != 0)
            .u32("itcr", w -> w.testing ? 1 : 0, (w, v) -> w.testing = v != 0)
            .u32("itop", w -> w.testOutput, (w, v) -> w.testOutput = (int) v)
            .u32("resetstatus", w -> w.resetAsserted ? 1 : 0, (w, v) -> w.resetAsserted = v != 0)
            .postLoad((w, version) -> w.irq.set(w.interrupt()))
            .build();

    private final IrqLine irq;
    private final Runnable expired;
    private final PTimer timer;
    private int control;
    private boolean raised;
    private boolean locked;
    private boolean testing;
    private int testOutput;
    private boolean resetAsserted;

    /**
     * @param clock guest time
     * @param expired is called when the reset output is asserted: once, until the counter is loaded again
     */
    public CmsdkWatchdog(IrqLine irq, Clock clock, Runnable expired) {
        this.irq = irq;
        this.expired = expired;
        this.timer = new PTimer(
                clock,
                this::reachedZero,
                Set.of(
                        PTimer.Policy.WRAP_AFTER_ONE_PERIOD,
                        PTimer.Policy.TRIGGER_ONLY_ON_DECREMENT,
                        PTimer.Policy.NO_IMMEDIATE_RELOAD,
                        PTimer.Policy.NO_COUNTER_ROUND_DOWN));
        timer.change(() -> timer.frequency(FREQUENCY));
        reset();
    }

    @Override
    public long read(long offset, int size) {
        int at = (int) offset;
        if (size != 4) {
            return 0;
        }
        if (at >= IDENTITY) {
            return IDENTITIES[(at - IDENTITY) / 4];
        }
        return switch (at) {
            case LOAD -> timer.limit();
            case VALUE -> timer.count();
            case CONTROL -> control;
            case RAW_STATUS -> raised ? 1 : 0;
            case MASKED_STATUS -> raised && (control & INTEN) != 0 ? 1 : 0;
            case LOCK -> locked ? 1 : 0;
            case TEST_CONTROL -> testing ? 1 : 0;
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size != 4) {
            return;
        }
        int at = (int) offset;
        int word = (int) value;
        if (at == LOCK) {
            locked = word != UNLOCK;
            return;
        }
        if (locked) {
            return;
        }
        switch (at) {
            case LOAD -> countFrom(word & MAX);
            case CONTROL -> control(word & (INTEN | RESEN));
            case CLEAR -> {
                raised = false;
                countFrom(timer.limit());
            }
            case TEST_CONTROL -> testing = (word & 1) != 0;
            case TEST_OUTPUT -> testOutput = word & (TEST_INTERRUPT | TEST_RESET);
            default -> {}
        }
        update();
    }

    /** Counts down from there, if it is enabled. */
    private void countFrom(long limit) {
        resetAsserted = false;
        timer.change(() -> {
            timer.limit(limit, true);
            if ((control & INTEN) != 0) {
                timer.run(PTimer.Mode.PERIODIC);
            }
        });
    }

    /** Enabling the interrupt begins to count from LOAD, and disabling it stops. */
    private void control(int next) {
        boolean was = (control & INTEN) != 0;
        control = next;
        boolean is = (next & INTEN) != 0;
        if (is && !was) {
            countFrom(timer.limit());
        } else if (was && !is) {
            timer.change(timer::stop);
        }
    }

    private void reachedZero() {
        if (!raised) {
            raised = true;
        } else if ((control & RESEN) != 0) {
            timer.change(timer::stop);
            assertReset();
        }
        update();
    }

    private boolean interrupt() {
        return testing ? (testOutput & TEST_INTERRUPT) != 0 : raised && (control & INTEN) != 0;
    }

    private void update() {
        irq.set(interrupt());
        if (testing && (testOutput & TEST_RESET) != 0) {
            assertReset();
        }
    }

    private void assertReset() {
        if (!resetAsserted) {
            resetAsserted = true;
            expired.run();
        }
    }

    /** Disabled and unlocked, with the longest time there is. */
    @Override
    public void reset() {
        control = 0;
        raised = false;
        locked = false;
        testing = false;
        testOutput = 0;
        resetAsserted = false;
        timer.change(() -> {
            timer.stop();
            timer.limit(MAX, true);
        });
        update();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(STATE, Section.ANY, this));
    }

    /**
     * Adds the node, and one for the clock that drives it.
     *
     * @param clock the clock's phandle
     */
    public static void describe(FdtNode parent, int clock, int interruptParent) {
        parent.child("watchdog-clock")
                .cells("phandle", clock)
                .cells("clock-frequency", FREQUENCY)
                .cells("#clock-cells", 0)
                .strings("compatible", "fixed-clock");
        parent.child("watchdog@" + Long.toHexString(BASE))
                .strings("clock-names", "wdog_clk", "apb_pclk")
                .cells("clocks", clock, clock)
                .cells("interrupts", IRQ)
                .cells("interrupt-parent", interruptParent)
                .reg(BASE, SIZE)
                .strings("compatible", "arm,sp805", "arm,primecell");
    }
}
