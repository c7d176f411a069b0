package dev.cprkit.vmm.device.virtio;

import java.util.List;

/**
 * One request of the driver: buffers that the device reads, then buffers that it writes.
 *
 * @param head the number of its first descriptor, by which it is given back
 */
public record DescriptorChain(int head, List<Buffer> readable, List<Buffer> writable) {
    /**
     * A piece of guest memory. Nothing is known of it yet: it may lie outside of RAM.
     *
     * @param length 1 to 4 GiB - 1
     */
    public record Buffer(long address, long length) {}
}
