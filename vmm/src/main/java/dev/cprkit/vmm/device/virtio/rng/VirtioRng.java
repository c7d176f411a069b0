package dev.cprkit.vmm.device.virtio.rng;

import dev.cprkit.vmm.device.virtio.DescriptorChain;
import dev.cprkit.vmm.device.virtio.DescriptorChain.Buffer;
import dev.cprkit.vmm.device.virtio.VirtioDevice;
import dev.cprkit.vmm.device.virtio.Virtqueue;
import dev.cprkit.vmm.device.virtio.VirtqueueException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The entropy device: fills what the driver offers with random bytes. Has no state of its own. */
public final class VirtioRng implements VirtioDevice {
    /** A chain gets no more at once, so that no guest can keep the machine lock for long. */
    private static final int MOST = 64 << 10;

    private static final int CHUNK = 4096;

    private final RandomGenerator entropy;
    private final byte[] chunk = new byte[CHUNK];

    public VirtioRng(RandomGenerator entropy) {
        this.entropy = entropy;
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
        for (Optional<DescriptorChain> chain = queue.next(); chain.isPresent(); chain = queue.next()) {
            queue.complete(chain.get(), fill(queue, chain.get()));
        }
        queue.publish();
    }

    private long fill(Virtqueue queue, DescriptorChain chain) throws VirtqueueException {
        int done = 0;
        for (Buffer buffer : chain.writable()) {
            for (long at = 0; at < buffer.length() && done < MOST; ) {
                int length = (int) Math.min(CHUNK, Math.min(MOST - done, buffer.length() - at));
                byte[] bytes = length == CHUNK ? chunk : new byte[length];
                entropy.nextBytes(bytes);
                queue.write(buffer, at, bytes, 0, length);
                at += length;
                done += length;
            }
        }
        return done;
    }
}
