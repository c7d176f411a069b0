package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.device.aclint.Mswi;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.device.syscon.TestFinisher;
import dev.cprkit.vmm.device.uart.Uart16550;
import dev.cprkit.vmm.device.virtio.VirtioMmio;
import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.machine.fdt.BoardNodes;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.machine.fdt.HartNodes;

/** The device tree of the {@code virt} board, in QEMU's order. */
final class BoardTree {
    private static final String MMU = "riscv,sv48";

    private BoardTree() {}

    /**
     * Makes it.
     *
     * @param isa what the hart is told to be able to do
     * @param ramSize bytes of RAM
     * @param watchdog whether there is one
     * @param seed 32 random bytes for the kernel
     */
    static FdtNode describe(Plic plic, String isa, long ramSize, boolean watchdog, byte[] seed) {
        int[] harts = HartNodes.interruptControllers(1);
        int plicPhandle = HartNodes.firstFree(1);
        int testPhandle = plicPhandle + 1;
        FdtNode root = BoardNodes.root();
        TestFinisher.describePower(root, testPhandle);
        BoardNodes.memory(root, VirtBoard.RAM, ramSize);
        HartNodes.describe(root, 1, isa, MMU, (int) VirtBoard.TIMEBASE_HZ);
        BoardNodes.aliases(root);
        BoardNodes.chosen(root, seed);
        FdtNode soc = BoardNodes.soc(root);
        GoldfishRtc.describe(soc, plicPhandle);
        Uart16550.describe(soc, plicPhandle);
        TestFinisher.describe(soc, testPhandle);
        if (watchdog) {
            CmsdkWatchdog.describe(soc, testPhandle + 1, plicPhandle);
        }
        for (int slot = VirtBoard.VIRTIO_SLOTS - 1; slot >= 0; slot--) {
            VirtioMmio.describe(soc, VirtBoard.virtioAddress(slot), VirtBoard.VIRTIO_IRQ + slot, plicPhandle);
        }
        plic.describe(soc, plicPhandle, harts);
        Mswi.describe(soc, harts);
        return root;
    }
}
