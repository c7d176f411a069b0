package dev.cprkit.vmm.device.virtio;

import dev.cprkit.vmm.memory.MmioRegion;

/** A transport that no device is plugged into: it identifies itself and says that its device is number 0, none. */
public final class EmptySlot implements MmioRegion {
    private final boolean legacy;

    /** @param legacy whether to show version 1 */
    public EmptySlot(boolean legacy) {
        this.legacy = legacy;
    }

    @Override
    public long read(long offset, int size) {
        if (size != 4) {
            return 0;
        }
        return switch ((int) offset) {
            case VirtioRegisters.MAGIC -> VirtioRegisters.MAGIC_VALUE;
            case VirtioRegisters.VERSION -> legacy ? 1 : 2;
            case VirtioRegisters.VENDOR_ID -> VirtioRegisters.VENDOR_VALUE;
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {}
}
