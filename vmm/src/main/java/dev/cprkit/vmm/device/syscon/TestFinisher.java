package dev.cprkit.vmm.device.syscon;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.state.Section;
import java.util.List;

/**
 * SiFive's test finisher: one write-only register. The low 16 bits say what to do, the high 16 bits carry the exit
 * status. Linux and OpenSBI find it through the tree's {@code syscon-poweroff} and {@code syscon-reboot} nodes. Has no
 * state. Called with the machine lock held.
 */
public final class TestFinisher implements Device, MmioRegion {
    /** Where the board {@code virt} has it. */
    public static final long BASE = 0x10_0000L;
    /** Bytes of registers. */
    public static final long SIZE = 0x1000L;

    private static final int FAIL = 0x3333;
    private static final int PASS = 0x5555;
    private static final int RESET = 0x7777;

    private final PowerControl power;

    public TestFinisher(PowerControl power) {
        this.power = power;
    }

    @Override
    public long read(long offset, int size) {
        return 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset != 0 || size == 1) {
            return;
        }
        int status = size == 2 ? 0 : (int) (value >>> 16) & 0xffff;
        switch ((int) value & 0xffff) {
            case FAIL -> power.shutdown(status, true);
            case PASS -> power.shutdown(status, false);
            case RESET -> power.reset();
            default -> {}
        }
    }

    @Override
    public void reset() {}

    @Override
    public List<Section<?>> sections() {
        return List.of();
    }

    /** Adds the register's node. */
    public static void describe(FdtNode parent, int phandle) {
        parent.child("test@" + Long.toHexString(BASE))
                .cells("phandle", phandle)
                .reg(BASE, SIZE)
                .strings("compatible", "sifive,test1", "sifive,test0", "syscon");
    }

    /** Adds the nodes that tell the guest which values end and restart the machine. */
    public static void describePower(FdtNode root, int phandle) {
        describe(root, "poweroff", PASS, phandle, "syscon-poweroff");
        describe(root, "reboot", RESET, phandle, "syscon-reboot");
    }

    private static void describe(FdtNode root, String name, int value, int phandle, String compatible) {
        root.child(name)
                .cells("value", value)
                .cells("offset", 0)
                .cells("regmap", phandle)
                .strings("compatible", compatible);
    }
}
