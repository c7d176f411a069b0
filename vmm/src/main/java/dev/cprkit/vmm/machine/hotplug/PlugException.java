package dev.cprkit.vmm.machine.hotplug;

/** A device cannot be plugged or unplugged; the message is for the user. */
public final class PlugException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean notFound;

    private PlugException(String message, boolean notFound) {
        super(message, null, false, false);
        this.notFound = notFound;
    }

    /** The request cannot be followed. */
    public static PlugException of(String message) {
        return new PlugException(message, false);
    }

    /** There is no such device. */
    static PlugException noSuchDevice(String id) {
        return new PlugException("Device '" + id + "' not found", true);
    }

    /** Whether it is the device that is not there (error class DeviceNotFound). */
    public boolean isNotFound() {
        return notFound;
    }
}
