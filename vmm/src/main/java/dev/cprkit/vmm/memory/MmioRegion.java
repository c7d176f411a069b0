package dev.cprkit.vmm.memory;

/**
 * A range of the physical address space whose accesses have effects. Called with the machine lock held, from a vCPU
 * thread or the main loop.
 */
public interface MmioRegion {
    /**
     * Reads {@code size} (1, 2, 4 or 8) bytes at {@code offset} from the region's start, little-endian, zero-extended.
     * An access that the device does not know reads 0, as on QEMU's boards.
     */
    long read(long offset, int size);

    /** Writes the low {@code size} (1, 2, 4 or 8) bytes of {@code value}; a write that the device does not know is lost. */
    void write(long offset, int size, long value);
}
