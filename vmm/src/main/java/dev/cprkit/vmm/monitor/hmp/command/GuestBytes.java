package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection;
import java.util.OptionalLong;

/**
 * Bytes of the guest's memory by physical or virtual address. Where a device answers, its registers are read as a vCPU
 * would read them, with all that follows from it. Main loop's thread, machine lock held.
 */
final class GuestBytes {
    private static final int PAGE = 4096;
    private static final int WIDEST = 4;

    private final GuestInspection guest;

    GuestBytes(GuestInspection guest) {
        this.guest = guest;
    }

    /** Reads by physical address; false if something of it is not there, of which the bytes are then zeros. */
    boolean readPhysical(long address, byte[] into, int offset, int length) {
        boolean all = true;
        int done = 0;
        while (done < length) {
            long at = address + done;
            GuestMemory.Range range = guest.memory().find(at);
            int left = length - done;
            int count;
            switch (range) {
                case GuestMemory.Ram ram -> {
                    count = (int) Math.min(left, ram.start() + ram.size() - at);
                    guest.memory().read(at, into, offset + done, count);
                }
                case GuestMemory.Mmio device -> {
                    count = width(at, left);
                    long value = device.region().read(at - device.start(), count);
                    for (int i = 0; i < count; i++) {
                        into[offset + done + i] = (byte) (value >>> 8 * i);
                    }
                }
                case null -> {
                    count = 1;
                    into[offset + done] = 0;
                    all = false;
                }
            }
            done += count;
        }
        return all;
    }

    /** Reads by virtual address; false if something of it is not mapped or not there. */
    boolean readVirtual(int cpu, long address, byte[] into, int length) {
        for (int done = 0; done < length; ) {
            long at = address + done;
            int count = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            OptionalLong physical = guest.translate(cpu, at);
            if (physical.isEmpty() || !readPhysical(physical.getAsLong(), into, done, count)) {
                return false;
            }
            done += count;
        }
        return true;
    }

    /** The widest access that is aligned and not too long: 1, 2 or 4 bytes. */
    private static int width(long address, int left) {
        int width = WIDEST;
        while (width > left || (address & width - 1) != 0) {
            width /= 2;
        }
        return width;
    }
}
