package dev.cprkit.vmm.machine.fdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our tree beside that of QEMU's riscv64 {@code virt} board, node by node and property by property. */
class QemuTreeTest {
    /** Nodes of QEMU's for what our board does not have. */
    private static final Set<String> NOT_OURS =
            Set.of("/platform-bus@4000000", "/pmu", "/fw-cfg@10100000", "/flash@20000000", "/soc/pci@30000000");

    /** Properties that differ on purpose: random, or what another CPU model can do. */
    private static final Set<String> DIFFERENT = Set.of(
            "rng-seed",
            "riscv,isa",
            "riscv,isa-base",
            "riscv,isa-extensions",
            "mmu-type",
            "riscv,cbom-block-size",
            "riscv,cbop-block-size",
            "riscv,cboz-block-size");

    @TempDir
    private Path directory;

    /** 7.2 names the interrupt controller otherwise, counts source 0, has no aliases, and orders children otherwise. */
    private static boolean expected(String difference, QemuTree qemu) {
        return qemu.version().startsWith("7.")
                && (difference.contains("plic@c000000")
                        || difference.contains("interrupt-controller@c000000")
                        || difference.contains("/aliases")
                        || difference.contains(":riscv,event-to-mhpmcounters")
                        || difference.startsWith("order of "));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theBoardIsQemus(int harts) throws Exception {
        int compared = 0;
        for (QemuTree qemu : QemuTree.installed()) {
            Path file = directory.resolve(qemu.version());
            Optional<FdtNode> theirs = qemu.tree(file, "-m", "256M", "-smp", Integer.toString(harts));
            if (theirs.isPresent()) {
                List<String> differences = new ArrayList<>();
                compare("", theirs.get(), ExampleTree.of(harts, 256L << 20), differences);
                assertThat(differences).as("%s", qemu).allMatch(difference -> expected(difference, qemu));
                compared++;
            }
        }
        assumeTrue(compared > 0, "no qemu-system-riscv64 that starts is installed (Debian: qemu-system-misc)");
    }

    private static void compare(String path, FdtNode theirs, FdtNode ours, List<String> differences) {
        List<String> properties = new ArrayList<>(theirs.propertyNames());
        for (String name : ours.propertyNames()) {
            if (!properties.contains(name)) {
                properties.add(name);
            }
        }
        for (String name : properties) {
            String their = theirs.property(name).map(HexFormat.of()::formatHex).orElse("missing");
            String our = ours.property(name).map(HexFormat.of()::formatHex).orElse("missing");
            if (!their.equals(our) && !DIFFERENT.contains(name)) {
                differences.add(path + ":" + name + " is " + our + ", QEMU's is " + their);
            }
        }
        List<String> theirNames = names(path, theirs);
        List<String> ourNames = names(path, ours);
        if (!theirNames.equals(ourNames)) {
            differences.add("order of " + path + "/ is " + ourNames + ", QEMU's is " + theirNames);
        }
        for (FdtNode node : theirs.children()) {
            String child = path + "/" + node.name();
            if (!NOT_OURS.contains(child)) {
                ours.find(node.name())
                        .ifPresentOrElse(
                                found -> compare(child, node, found, differences),
                                () -> differences.add(child + " is missing"));
            }
        }
    }

    private static List<String> names(String path, FdtNode node) {
        return node.children().stream()
                .map(FdtNode::name)
                .filter(name -> !NOT_OURS.contains(path + "/" + name))
                .toList();
    }
}
