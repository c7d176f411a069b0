package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.qmp.MonitorFixture;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryMapHmpTest {
    private final FakeGuest guest = new FakeGuest();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void laysTheMapOutAsQemu() throws Exception {
        try (MonitorFixture fixture = new MonitorFixture(folder)) {
            HmpRegistry registry = new HmpRegistry();
            HmpShell shell = new HmpShell(registry);
            RamBlock rom = new RamBlock("riscv_virt_board.mrom", 0x7fe962e00000L, 0xf000, -1, false, false, "aux");
            RamBlock ram = new RamBlock("ram0", 0x7fe953e00000L, 0x8000001L, 3, true, false, "memory-backend-memfd");
            fixture.machine.blocks = List.of(ram, rom);
            QomNode device = new QomNode("riscv.sifive.test");
            QomNode root = new QomNode("container").child("board", device);
            QomTree.Slot slot = new QomTree.Slot(device, "", List.of());
            QomTree.Bus bus = new QomTree.Bus("main-system-bus", "System", List.of(slot));
            MemoryMapHmp.register(
                    registry, fixture.machine, guest, new QomTree(() -> new QomTree.Content(root, List.of(bus))));

            assertThat(run(shell, "info ramblock"))
                    .isEqualTo("              Block Name    PSize              Offset               Used"
                            + "              Total                HVA  RO\n"
                            + "                    ram0    4 KiB  0x0000000000000000 0x0000000008000001"
                            + " 0x0000000008000001 0x00007fe953e00000  rw\n"
                            + "   riscv_virt_board.mrom    4 KiB  0x0000000008040000 0x000000000000f000"
                            + " 0x000000000000f000 0x00007fe962e00000  rw\n");
            assertThat(run(shell, "info mtree"))
                    .isEqualTo("address-space: cpu-memory-0\naddress-space: memory\n"
                            + "  0000000000000000-ffffffffffffffff (prio 0, container): system\n"
                            + "    0000000000001000-0000000000001fff (prio 0, rom): rom\n"
                            + "    0000000010000000-00000000100000ff (prio 0, i/o): riscv.sifive.test\n"
                            + "    0000000080000000-0000000080001fff (prio 0, ram): ram\n\n");
            assertThat(run(shell, "info mtree -f"))
                    .isEqualTo("FlatView #0\n AS \"memory\", root: system\n AS \"cpu-memory-0\", root: system\n"
                            + " Root memory region: system\n"
                            + "  0000000000001000-0000000000001fff (prio 0, rom): rom\n"
                            + "  0000000010000000-00000000100000ff (prio 0, i/o): riscv.sifive.test\n"
                            + "  0000000080000000-0000000080001fff (prio 0, ram): ram\n\n");
            assertThat(run(shell, "info mtree -f -d"))
                    .contains("  Dispatch\n    Physical sections\n"
                            + "      #0 @0000000000000000..ffffffffffffffff (noname) [unassigned]\n"
                            + "      #1 @0000000000001000..0000000000001fff rom\n");
            assertThat(run(shell, "info mtree -o"))
                    .contains(
                            "system parent:{obj path=/machine/unattached}\n",
                            "rom parent:{obj path=/machine",
                            "riscv.sifive.test owner:{dev path=/board}\n");
            assertThat(run(shell, "info mtree -x"))
                    .isEqualTo("mtree: unsupported option -x\nTry \"help info mtree\" for more information\n");
            assertThat(run(shell, "info roms"))
                    .isEqualTo("addr=0000000000001000 size=0x000028 mem=rom name=\"mrom.reset\"\n"
                            + "addr=0000000080000000 size=0x043d68 mem=ram name=\"/fw.bin\"\n");
        }
    }

    private static String run(HmpShell shell, String line) {
        StringBuilder out = new StringBuilder();
        shell.run(line, out::append);
        return out.toString();
    }
}
