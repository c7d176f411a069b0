package dev.cprkit.vmm.qom;

/** A property cannot be had or changed as asked; the message is for the user. */
public final class QomException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean notFound;

    private QomException(String message, boolean notFound) {
        super(message, null, false, false);
        this.notFound = notFound;
    }

    /** A mistake in a request. */
    public static QomException of(String message) {
        return new QomException(message, false);
    }

    /** The object itself is not there. */
    static QomException noSuchObject(String path) {
        return new QomException("Device '" + path + "' not found", true);
    }

    /** Whether it is the object that is not there (error class DeviceNotFound). */
    public boolean isNotFound() {
        return notFound;
    }
}
