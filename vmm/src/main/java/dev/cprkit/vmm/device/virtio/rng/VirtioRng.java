package dev.cprkit.vmm.device.virtio.rng;

import dev.cprkit.vmm.device.virtio.DescriptorChain;
import dev.cprkit.vmm.device.virtio.DescriptorChain.Buffer;
import dev.cprkit.vmm.device.virtio.VirtioDevice;
import dev.cprkit.vmm.device.virtio.Virtqueue;
import dev.cprkit.vmm.device.virtio.VirtqueueException;
import dev.cprkit.vmm.run.Clock;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The entropy device: fills what the driver offers with random bytes, no more than a quota in each period. A driver that
 * has used the quota up waits for the next period. Has no state that travels: a new process begins a new period.
 */
public final class VirtioRng implements VirtioDevice {
    /** The default quota: none. */
    public static final long UNLIMITED = Long.MAX_VALUE;
    /** The default period in ms. */
    public static final long PERIOD = 65_536;

    /** A chain gets no more at once, so that no guest can keep the machine lock for long. */
    private static final int MOST = 64 << 10;

    private static final int CHUNK = 4096;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final RandomGenerator entropy;
    private final Clock clock;
    private final Clock.Timer nextPeriod;
    private final long quota;
    private final long period;
    private final byte[] chunk = new byte[CHUNK];
    private long left;
    private Transport transport = queue -> {};

    /** A device without a quota. */
    public VirtioRng(RandomGenerator entropy, Clock clock) {
        this(entropy, clock, UNLIMITED, PERIOD);
    }

    /**
     * @param entropy where the bytes come from
     * @param clock guest time, which periods are measured in
     * @param quota bytes in each period, at least 1
     * @param period in ms, at least 1
     */
    public VirtioRng(RandomGenerator entropy, Clock clock, long quota, long period) {
        if (quota <= 0 || period <= 0) {
            throw new IllegalArgumentException("quota " + quota + ", period " + period);
        }
        this.entropy = entropy;
        this.clock = clock;
        this.quota = quota;
        this.period = period;
        this.left = quota;
        this.nextPeriod = clock.timer(this::refill);
    }

    @Override
    public void plug(Transport here) {
        transport = here;
    }

    @Override
    public int id() {
        return 4;
    }

    @Override
    public String stateName() {
        return "virtio-rng";
    }

    @Override
    public long features() {
        return 0;
    }

    @Override
    public int[] queueSizes() {
        return new int[] {8};
    }

    @Override
    public void process(Virtqueue queue) throws VirtqueueException {
        while (left > 0) {
            Optional<DescriptorChain> chain = queue.next();
            if (chain.isEmpty()) {
                break;
            }
            queue.complete(chain.get(), fill(queue, chain.get()));
        }
        queue.publish();
    }

    private long fill(Virtqueue queue, DescriptorChain chain) throws VirtqueueException {
        int most = (int) Math.min(MOST, left);
        int done = 0;
        for (Buffer buffer : chain.writable()) {
            for (long at = 0; at < buffer.length() && done < most; ) {
                int length = (int) Math.min(CHUNK, Math.min(most - done, buffer.length() - at));
                byte[] bytes = length == CHUNK ? chunk : new byte[length];
                try {
                    entropy.nextBytes(bytes);
                } catch (UncheckedIOException e) {
                    throw new VirtqueueException(e.getMessage());
                }
                queue.write(buffer, at, bytes, 0, length);
                at += length;
                done += length;
            }
        }
        spend(done);
        return done;
    }

    private void spend(int bytes) {
        if (quota == UNLIMITED) {
            return;
        }
        left -= bytes;
        if (nextPeriod.deadline() < 0) {
            long now = clock.now();
            long limit = (Long.MAX_VALUE - now) / NANOS_PER_MILLI;
            nextPeriod.arm(now + Math.min(period, limit) * NANOS_PER_MILLI);
        }
    }

    private void refill() {
        left = quota;
        transport.process(0);
    }
}
