package dev.cprkit.vmm.migration.ram;

import java.util.function.IntConsumer;

/**
 * Capability auto-converge: a guest that writes memory nearly as fast as it is sent is slowed down, a little more each
 * time, until it can be caught up with. The rule is QEMU's: what the guest wrote in a period of at least a second is too
 * much if it is over a share of what was sent in it, and twice too much makes it slower. Any thread.
 */
public final class AutoConverge {
    /** How often it must be too much before the guest gets slower. */
    private static final int PATIENCE = 2;

    /**
     * The parameters.
     *
     * @param threshold throttle-trigger-threshold: the share of what was sent, in percent
     * @param initial cpu-throttle-initial: by how many percent the guest is slowed down first
     * @param increment cpu-throttle-increment: and by how many more each time after that
     * @param tailSlow cpu-throttle-tailslow: by no more than is needed, near the end
     * @param most max-cpu-throttle: by how many percent at most
     */
    public record Settings(int threshold, int initial, int increment, boolean tailSlow, int most) {}

    private final IntConsumer vcpus;
    private Settings settings;
    private int percent;
    private int excesses;
    private boolean ended;

    /**
     * Begins with a guest at full speed.
     *
     * @param vcpus is told for how many percent of the time vCPUs must not run; called with this object's lock held
     */
    public AutoConverge(Settings settings, IntConsumer vcpus) {
        this.settings = settings;
        this.vcpus = vcpus;
    }

    /** From now on these count. */
    public synchronized void set(Settings next) {
        settings = next;
    }

    /** A period is over, in which the guest wrote and the channel took that many bytes. */
    synchronized void period(long written, long sent) {
        long bearable = sent * settings.threshold() / 100;
        if (ended || written <= bearable || ++excesses < PATIENCE) {
            return;
        }
        excesses = 0;
        percent = percent == 0 ? settings.initial() : Math.min(settings.most(), percent + step(written, bearable));
        vcpus.accept(percent);
    }

    private int step(long written, long bearable) {
        if (!settings.tailSlow()) {
            return settings.increment();
        }
        int speed = 100 - percent;
        double ideal = speed * ((double) bearable / written);
        return (int) Math.min(speed - ideal, settings.increment());
    }

    /** For how many percent of the time the guest rests; 0 if it does not. */
    public synchronized int percent() {
        return percent;
    }

    /** Lets the guest run at full speed again; nothing slows it down after that. */
    public synchronized void end() {
        ended = true;
        if (percent > 0) {
            percent = 0;
            vcpus.accept(0);
        }
    }
}
