package dev.cprkit.vmm.device.aclint;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.Arrays;
import java.util.List;

/**
 * The harts' software interrupts (RISC-V ACLINT specification, MSWI): one register each, whose lowest bit is MSIP.
 * Called with the machine lock held.
 */
public final class Mswi implements Device, MmioRegion {
    /** Where the board {@code virt} has it. */
    public static final long BASE = 0x200_0000L;
    /** Bytes of registers. */
    public static final long SIZE = 0x4000L;

    private static final long CLINT_SIZE = 0x1_0000L;
    private static final int MACHINE_SOFTWARE = 3;
    private static final int MACHINE_TIMER = 7;

    private final IrqLine[] lines;
    private final int[] pending;
    private final VmState<Mswi> state;

    /** @param lines each hart's MSIP, hart 0 first */
    public Mswi(List<IrqLine> lines) {
        this.lines = lines.toArray(new IrqLine[0]);
        this.pending = new int[lines.size()];
        // QEMU keeps these bits in the hart's mip alone, so its stream has no such section.
        this.state = VmState.<Mswi>of("riscv_aclint_swi", 1)
                .u32s("msip", pending.length, m -> m.pending)
                .postLoad((m, version) -> m.drive())
                .build();
    }

    @Override
    public long read(long offset, int size) {
        int hart = (int) (offset >> 2);
        return size == 4 && hart < pending.length ? pending[hart] : 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        int hart = (int) (offset >> 2);
        if (size == 4 && hart < pending.length) {
            pending[hart] = (int) value & 1;
            drive();
        }
    }

    private void drive() {
        for (int hart = 0; hart < lines.length; hart++) {
            lines[hart].set((pending[hart] & 1) != 0);
        }
    }

    @Override
    public void reset() {
        Arrays.fill(pending, 0);
        drive();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(state, this));
    }

    /**
     * Adds the node that covers software interrupts and timer: to the guest they are one CLINT.
     *
     * @param harts the phandle of each hart's interrupt controller, hart 0 first
     */
    public static void describe(FdtNode parent, int[] harts) {
        int[] extended = new int[harts.length * 4];
        for (int hart = 0; hart < harts.length; hart++) {
            extended[hart * 4] = harts[hart];
            extended[hart * 4 + 1] = MACHINE_SOFTWARE;
            extended[hart * 4 + 2] = harts[hart];
            extended[hart * 4 + 3] = MACHINE_TIMER;
        }
        parent.child("clint@" + Long.toHexString(BASE))
                .cells("interrupts-extended", extended)
                .reg(BASE, CLINT_SIZE)
                .strings("compatible", "sifive,clint0", "riscv,clint0");
    }
}
