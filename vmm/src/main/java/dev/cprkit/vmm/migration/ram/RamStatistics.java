package dev.cprkit.vmm.migration.ram;

/**
 * What {@code query-migrate} tells of the RAM of one migration (reference/qemu-cpr.md, section 8.3). Written by the
 * saving thread, read by any.
 */
public final class RamStatistics {
    private final long total;
    private volatile long remaining;
    private volatile long zeroPages;
    private volatile long normalPages;
    private volatile long transferred;
    private volatile long precopyBytes;
    private volatile long downtimeBytes;
    private volatile int syncs;
    private volatile long dirtyPagesRate;
    private volatile double mbps;
    private volatile double pagesPerSecond;
    private volatile long expectedDowntime;
    private volatile boolean guestRuns = true;

    /** Of a migration that copies that many bytes of RAM. */
    public RamStatistics(long total) {
        this.total = total;
        this.remaining = total;
    }

    /** Bytes of RAM that are copied. */
    public long total() {
        return total;
    }

    /** Bytes of RAM that have still to be sent. */
    public long remaining() {
        return remaining;
    }

    /** Pages sent as zero pages. */
    public long zeroPages() {
        return zeroPages;
    }

    /** Pages sent whole. */
    public long normalPages() {
        return normalPages;
    }

    /** Bytes sent so far, of everything. */
    public long transferred() {
        return transferred;
    }

    /** Bytes of RAM sent while the guest ran. */
    public long precopyBytes() {
        return precopyBytes;
    }

    /** Bytes of RAM sent while the guest was stopped. */
    public long downtimeBytes() {
        return downtimeBytes;
    }

    /** How often the guest's writes were looked at; 1 when everything is still to be sent. */
    public int syncs() {
        return syncs;
    }

    /** Pages that the guest writes per second. */
    public long dirtyPagesRate() {
        return dirtyPagesRate;
    }

    /** Millions of bits sent per second. */
    public double mbps() {
        return mbps;
    }

    public long pagesPerSecond() {
        return (long) pagesPerSecond;
    }

    /** How long the guest would be stopped if the rest were sent now, in ms. */
    public long expectedDowntime() {
        return expectedDowntime;
    }

    /** Whether the guest runs while the next bytes are sent: those that are sent while it stands still are counted apart. */
    public void guestRuns(boolean runs) {
        guestRuns = runs;
    }

    /** Bytes of the stream that are not of RAM. */
    public synchronized void otherBytes(long bytes) {
        transferred += bytes;
    }

    /**
     * The migration is complete: its speed over all, in ms; what was sent without RAM was sent while the guest was
     * stopped.
     */
    public synchronized void completed(long milliseconds) {
        if (total == 0) {
            downtimeBytes = transferred;
        }
        if (milliseconds > 0) {
            mbps = transferred * 8.0 / milliseconds / 1000;
        }
    }

    synchronized void sent(long bytes, long normal, long zero, long stillToSend) {
        transferred += bytes;
        normalPages += normal;
        zeroPages += zero;
        remaining = stillToSend;
        if (guestRuns) {
            precopyBytes += bytes;
        } else {
            downtimeBytes += bytes;
        }
    }

    /** The writes of the guest were looked at; {@code count} is what {@link #syncs} tells. */
    public void synced(int count, long stillToSend) {
        syncs = count;
        remaining = stillToSend;
    }

    void dirtyRate(long pages) {
        dirtyPagesRate = pages;
    }

    void pace(double megabits, double pages, long downtime) {
        mbps = megabits;
        pagesPerSecond = pages;
        expectedDowntime = downtime;
    }
}
