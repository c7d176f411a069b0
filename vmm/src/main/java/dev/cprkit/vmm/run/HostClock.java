package dev.cprkit.vmm.run;

/** The host's monotonic clock, for time limits. It never stops. */
final class HostClock implements Clock {
    private final TimerQueue timers;

    HostClock(Runnable onEarlier) {
        this.timers = new TimerQueue(onEarlier);
    }

    @Override
    public long now() {
        return System.nanoTime();
    }

    @Override
    public Timer timer(Runnable action) {
        return timers.timer(action);
    }

    long untilNext() {
        return timers.untilNext(now());
    }

    void fireDue() {
        timers.fireDue(now());
    }
}
