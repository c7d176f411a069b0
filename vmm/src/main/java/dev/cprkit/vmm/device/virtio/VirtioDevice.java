package dev.cprkit.vmm.device.virtio;

/**
 * What a virtio device adds to its transport: its kind and what it does with the buffers that the driver offers. All
 * methods are called with the machine lock held.
 */
public interface VirtioDevice {
    /** What a device may ask of its transport. */
    @FunctionalInterface
    interface Transport {
        /** Calls {@link VirtioDevice#process} for a queue, as if the driver had notified it. */
        void process(int queue);
    }

    /** Called once, before anything else. A device that works only when notified has no use for it. */
    default void plug(Transport transport) {}

    /** The device type's number (virtio 1.2, section 5): 4 is the entropy source. */
    int id();

    /** The name of its section in the migration stream. */
    String stateName();

    /** The features it offers besides those of the transport and the rings. */
    long features();

    /** The largest size of each of its queues; a power of two up to 1024. */
    int[] queueSizes();

    /**
     * The driver has offered buffers on a queue, or may have. Called when the device is running; takes chains with
     * {@link Virtqueue#next}, gives them back with {@link Virtqueue#complete}, and at the end calls
     * {@link Virtqueue#publish}.
     *
     * @throws VirtqueueException if the queue's content makes no sense; the device then needs a reset
     */
    void process(Virtqueue queue) throws VirtqueueException;
}
