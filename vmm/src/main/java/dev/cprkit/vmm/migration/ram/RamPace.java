package dev.cprkit.vmm.migration.ram;

/**
 * How fast RAM may be sent and when the rest of it is little enough to stop the guest: parameters that may change while a
 * migration goes on, and take effect at once. Any thread.
 */
public final class RamPace {
    private long maxBandwidth;
    private long switchoverBandwidth;
    private long downtimeLimit;
    private boolean hurried;

    /**
     * Sets all of it.
     *
     * @param bandwidth parameter {@code max-bandwidth}: bytes per second while the guest runs, 0 for no limit
     * @param atSwitchover parameter {@code avail-switchover-bandwidth}: bytes per second to reckon with when the guest is
     *     stopped, 0 for what was measured
     * @param downtime parameter {@code downtime-limit}, in ms
     */
    public synchronized void set(long bandwidth, long atSwitchover, long downtime) {
        maxBandwidth = bandwidth;
        switchoverBandwidth = atSwitchover;
        downtimeLimit = downtime;
        hurried = true;
        notifyAll();
    }

    synchronized long maxBandwidth() {
        return maxBandwidth;
    }

    synchronized long downtimeLimit() {
        return downtimeLimit;
    }

    /** How many bytes can be sent within the downtime limit, given a measured speed in bytes per second. */
    synchronized long affordable(double measured) {
        double speed = switchoverBandwidth != 0 ? unsigned(switchoverBandwidth) : measured;
        return (long) (speed * downtimeLimit / 1000);
    }

    /** Ends {@link #await}. */
    synchronized void hurry() {
        hurried = true;
        notifyAll();
    }

    /** Waits until {@link System#nanoTime} reaches the deadline, or anything changes; true if something did. */
    synchronized boolean await(long deadline) {
        while (!hurried) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }
        hurried = false;
        return true;
    }

    /** Sizes of 2^63 bytes and more are as good as endless. */
    private static double unsigned(long size) {
        return size < 0 ? Long.MAX_VALUE : size;
    }
}
