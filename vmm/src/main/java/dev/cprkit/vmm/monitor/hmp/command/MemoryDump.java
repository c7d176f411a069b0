package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.hmp.HmpFormat;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;

/** {@code x} and {@code xp}: memory in rows of numbers, characters or instructions. */
final class MemoryDump {
    private static final int ROW = 16;
    private static final int BYTE_ROW = 8;

    private final GuestInspection guest;
    private final GuestBytes bytes;

    MemoryDump(GuestInspection guest) {
        this.guest = guest;
        this.bytes = new GuestBytes(guest);
    }

    /** Prints what is at a physical address. */
    void physical(HmpFormat format, long address, HmpOutput out) {
        dump(format, address, true, out);
    }

    /** Prints what is at a virtual address of the first vCPU. */
    void virtual(HmpFormat format, long address, HmpOutput out) {
        dump(format, address, false, out);
    }

    private void dump(HmpFormat format, long address, boolean physical, HmpOutput out) {
        guest.standing(() -> {
            if (format.style() == 'i') {
                instructions(format.count(), address, physical, out);
            } else {
                rows(format, address, physical, out);
            }
            return true;
        });
    }

    private boolean read(long address, boolean physical, byte[] into, int length) {
        return physical ? bytes.readPhysical(address, into, 0, length) : bytes.readVirtual(0, address, into, length);
    }

    private void rows(HmpFormat format, long address, boolean physical, HmpOutput out) {
        int size = format.style() == 'c' ? 1 : format.size();
        int longest = format.size() == 1 ? BYTE_ROW : ROW;
        byte[] row = new byte[longest];
        long left = (long) format.count() * format.size();
        for (long at = address; left > 0; ) {
            int length = (int) Math.min(left, longest);
            StringBuilder line = new StringBuilder(Hex.digits(at, physical ? 8 : 16)).append(':');
            if (!read(at, physical, row, length)) {
                out.println(line.append(" Cannot access memory").toString());
                return;
            }
            for (int i = 0; i < length; i += size) {
                line.append(' ').append(format.column(number(row, i, size)));
            }
            out.println(line.toString());
            at += length;
            left -= length;
        }
    }

    private static long number(byte[] from, int at, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (from[at + i] & 0xffL) << 8 * i;
        }
        return value;
    }

    private void instructions(int count, long address, boolean physical, HmpOutput out) {
        byte[] bits = new byte[4];
        long at = address;
        for (int i = 0; i < count; i++) {
            if (!read(at, physical, bits, 2)) {
                out.println("Cannot access memory at address 0x" + Long.toHexString(at));
                return;
            }
            int length = (bits[0] & 3) == 3 ? 4 : 2;
            if (length == 4 && !read(at, physical, bits, 4)) {
                out.println("Cannot access memory at address 0x" + Long.toHexString(at));
                return;
            }
            int word = (int) number(bits, 0, length);
            String digits = Hex.digits(word & (length == 2 ? 0xffffL : 0xffff_ffffL), 2 * length);
            out.println("0x" + Hex.digits(at, 8) + ":  " + digits + " ".repeat(18 - digits.length())
                    + guest.instruction(word, length, at));
            at += length;
        }
    }
}
