package dev.cprkit.vmm.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The few instructions in ROM that every hart starts with. They put the hart's number into a0, the address of the device
 * tree into a1 and that of the record for OpenSBI's {@code fw_dynamic} into a2, and jump. Instructions and record have
 * the layout of QEMU's board, so that what a guest finds in the ROM is the same:
 *
 * <pre>
 *    0  auipc t0, 0
 *    4  addi  a2, t0, 40
 *    8  csrr  a0, mhartid
 *   12  ld    a1, 32(t0)
 *   16  ld    t0, 24(t0)
 *   20  jr    t0
 *   24  where to start
 *   32  where the device tree is
 *   40  struct fw_dynamic_info: magic, version, next address, next mode, options, boot hart
 * </pre>
 */
public final class ResetVector {
    /** Where the ROM is. */
    public static final long BASE = 0x1000L;
    /** The size of the ROM in bytes. */
    public static final long SIZE = 0xf000L;

    private static final int LENGTH = 88;
    private static final int START = 24;
    private static final int DEVICE_TREE = 32;
    private static final int RECORD = 40;

    private static final int A0 = 10;
    private static final int A1 = 11;
    private static final int A2 = 12;
    private static final int T0 = 5;
    private static final int MHARTID = 0xf14;

    /** "OSBI"; include/sbi/fw_dynamic.h of OpenSBI. */
    private static final long MAGIC = 0x4942534fL;

    private static final long VERSION = 2;
    private static final long SUPERVISOR = 1;

    private ResetVector() {}

    /**
     * The ROM's first bytes.
     *
     * @param start where to jump to
     * @param deviceTree address of the device tree
     * @param kernelEntry where firmware continues, in S mode; 0 if there is no kernel
     */
    public static byte[] bytes(long start, long deviceTree, long kernelEntry) {
        return ByteBuffer.allocate(LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x17 | T0 << 7)
                .putInt(0x13 | A2 << 7 | T0 << 15 | RECORD << 20)
                .putInt(0x73 | A0 << 7 | 2 << 12 | MHARTID << 20)
                .putInt(0x03 | A1 << 7 | 3 << 12 | T0 << 15 | DEVICE_TREE << 20)
                .putInt(0x03 | T0 << 7 | 3 << 12 | T0 << 15 | START << 20)
                .putInt(0x67 | T0 << 15)
                .putLong(start)
                .putLong(deviceTree)
                .putLong(MAGIC)
                .putLong(VERSION)
                .putLong(kernelEntry)
                .putLong(SUPERVISOR)
                .putLong(0)
                .putLong(0)
                .array();
    }
}
