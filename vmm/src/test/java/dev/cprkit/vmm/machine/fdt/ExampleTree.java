package dev.cprkit.vmm.machine.fdt;

import dev.cprkit.vmm.device.Wire;
import dev.cprkit.vmm.device.aclint.Mswi;
import dev.cprkit.vmm.device.aclint.Mtimer;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.device.syscon.TestFinisher;
import dev.cprkit.vmm.device.uart.Uart16550;
import dev.cprkit.vmm.device.virtio.VirtioMmio;
import java.util.Collections;

/** The tree of a board with every device that there is, in the order of QEMU's. */
final class ExampleTree {
    private ExampleTree() {}

    static FdtNode of(int harts, long memory) {
        int plic = HartNodes.firstFree(harts);
        int test = plic + 1;
        FdtNode root = BoardNodes.root();
        TestFinisher.describePower(root, test);
        BoardNodes.memory(root, 0x8000_0000L, memory);
        HartNodes.describe(root, harts, HartNodes.ISA, "riscv,sv48", Mtimer.FREQUENCY);
        BoardNodes.aliases(root);
        BoardNodes.chosen(root, new byte[32]);
        FdtNode soc = BoardNodes.soc(root);
        GoldfishRtc.describe(soc, plic);
        Uart16550.describe(soc, plic);
        TestFinisher.describe(soc, test);
        for (int slot = 8; slot >= 1; slot--) {
            VirtioMmio.describe(soc, 0x1000_0000L + slot * 0x1000L, slot, plic);
        }
        int[] interruptControllers = HartNodes.interruptControllers(harts);
        new Plic(Plic.SOURCES, Collections.nCopies(2 * harts, new Wire())).describe(soc, plic, interruptControllers);
        Mswi.describe(soc, interruptControllers);
        return root;
    }
}
