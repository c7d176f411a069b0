package dev.cprkit.vmm.monitor.qmp;

/** A command failed: the error class and text of its QMP reply (reference/qemu-cpr.md, section 8.1). */
public final class QmpError extends Exception {
    private static final long serialVersionUID = 1L;

    private final String errorClass;

    public QmpError(String errorClass, String description) {
        super(description, null, false, false);
        this.errorClass = errorClass;
    }

    /** An error of class GenericError, the usual one. */
    public static QmpError generic(String description) {
        return new QmpError("GenericError", description);
    }

    /** GenericError, CommandNotFound, DeviceNotActive, DeviceNotFound or KVMMissingCap. */
    public String errorClass() {
        return errorClass;
    }
}
