package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.riscv.Alarm;
import dev.cprkit.vmm.device.aclint.Mtimer;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.MachineLock;

/** Wakes a hart when its stimecmp is reached: a timer of the virtual clock, set in ticks of the board's timer. */
final class HartAlarm implements Alarm {
    private static final long NANOS_PER_TICK = 1_000_000_000L / VirtBoard.TIMEBASE_HZ;
    /** Further away than this a timer is as good as never: three hundred years less than a long holds. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final MachineLock lock;
    private final Clock clock;
    private final Mtimer mtimer;
    private final Clock.Timer timer;
    private Runnable expired = () -> {};

    HartAlarm(MachineLock lock, Clock clock, Mtimer mtimer) {
        this.lock = lock;
        this.clock = clock;
        this.mtimer = mtimer;
        this.timer = clock.timer(() -> expired.run());
    }

    /** Sets what is called when the time has come; before the hart runs. */
    void connect(Runnable next) {
        expired = next;
    }

    @Override
    public void set(long mtimeTicks) {
        lock.lock();
        try {
            long ahead = mtimeTicks - mtimer.mtime();
            if (Long.compareUnsigned(mtimeTicks, mtimer.mtime()) <= 0) {
                timer.arm(clock.now());
            } else if (Long.compareUnsigned(ahead, NEVER / NANOS_PER_TICK) > 0) {
                timer.cancel();
            } else {
                timer.arm(clock.now() + ahead * NANOS_PER_TICK);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel() {
        lock.lock();
        try {
            timer.cancel();
        } finally {
            lock.unlock();
        }
    }
}
