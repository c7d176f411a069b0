package dev.cprkit.vmm.machine.fdt;

/** Bytes are not a flattened device tree. The text continues "... is not a device tree blob: ". */
public final class FdtException extends Exception {
    private static final long serialVersionUID = 1L;

    public FdtException(String message) {
        super(message);
    }
}
