package dev.cprkit.vmm.device.virtio;

/** The driver has put something into a queue that the virtio specification forbids. The text says what. */
public final class VirtqueueException extends Exception {
    private static final long serialVersionUID = 1L;

    public VirtqueueException(String message) {
        super(message);
    }
}
