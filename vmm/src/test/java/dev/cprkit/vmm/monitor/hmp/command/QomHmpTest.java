package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QomCommands;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout is QEMU 11.1's. */
class QomHmpTest {
    private final FakeGuest guest = new FakeGuest();
    private final HmpRegistry registry = new HmpRegistry();
    private final HmpShell shell = new HmpShell(registry);

    QomHmpTest() {
        QomNode rng = new QomNode("virtio-rng-device")
                .put("max-bytes", new JsonNumber(BigInteger.valueOf(96), 96))
                .put("rng", new JsonString(""));
        QomNode test = new QomNode("riscv.sifive.test").put("realized", new JsonBool(true));
        QomNode machine = new QomNode("virt-machine")
                .put("usb", new JsonBool(false))
                .put("append", new JsonString("a"))
                .child("peripheral", new QomNode("container").child("rng0", rng))
                .child("b", test);
        machine.onSet("usb", value -> assertThat(value).isEqualTo(new JsonBool(true)));
        machine.onSet("append", value -> assertThat(value).isEqualTo(new JsonString("x y")));
        QomNode root = new QomNode("container").child("machine", machine);
        QomTree.Slot plugged = new QomTree.Slot(rng, "rng0", List.of());
        QomTree.Bus below = new QomTree.Bus("bus.0", "virtio-mmio-bus", List.of(plugged));
        QomTree.Slot slot = new QomTree.Slot(test, "", List.of(below));
        QomTree.Bus bus = new QomTree.Bus("main-system-bus", "System", List.of(slot));
        QomTree tree = new QomTree(() -> new QomTree.Content(root, List.of(bus)));
        QmpRegistry qmp = new QmpRegistry();
        new QomCommands(tree).register(qmp);
        QomHmp.register(registry, qmp, tree, guest);
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "info qom-tree ~ /machine (virt-machine);  /b (riscv.sifive.test);  /peripheral (container);"
                        + "    /rng0 (virtio-rng-device);",
                "info qom-tree /machine/peripheral ~ /peripheral (container);  /rng0 (virtio-rng-device);",
                "info qom-tree /foo ~ Path '/foo' could not be resolved.;",
                "info qtree -b ~ bus: main-system-bus;  type System;  dev: riscv.sifive.test, id \"\";"
                        + "    bus: bus.0;      type virtio-mmio-bus;      dev: virtio-rng-device, id \"rng0\";",
                "info qtree ~ bus: main-system-bus;  type System;  dev: riscv.sifive.test, id \"\";"
                        + "    mmio 0000000010000000/0000000000000100;"
                        + "    bus: bus.0;      type virtio-mmio-bus;      dev: virtio-rng-device, id \"rng0\";"
                        + "        max-bytes = 96 (0x60);        rng = \"\";",
                "info virtio ~ /machine/peripheral/rng0 [virtio-rng];",
                "info virtio-status /foo ~ Error: Path /foo is not a realized VirtIODevice;",
                "info virtio-queue-status /foo 0 ~ Error: Path /foo is not a VirtIODevice;",
                "info virtio-queue-element /machine 0 ~ Error: Path /machine is not a VirtIO device;",
                "info virtio-status rng0 ~ Error: the inside of virtio devices is not shown;",
                "qom-list ~ /;",
                "qom-list /machine ~ type (string);usb (bool);append (string);peripheral (child<container>);"
                        + "b (child<riscv.sifive.test>);",
                "qom-list /foo ~ Error: Device '/foo' not found;",
                "qom-get /machine type ~ \"virt-machine\";",
                "qom-get /foo type ~ Error: Device '/foo' not found;",
                "qom-get /machine foo ~ Error: Property 'virt-machine.foo' not found;",
                "qom-set /machine usb on ~ ``",
                "qom-set /machine append x y ~ ``",
                "qom-set -j /machine append \"x y\" ~ ``",
                "qom-set /machine foo 1 ~ Error: Property 'virt-machine.foo' not found;",
            })
    void answers(String line, String answer) {
        StringBuilder out = new StringBuilder();
        shell.run(line, out::append);
        assertThat(out.toString()).isEqualTo(answer.replace(';', '\n'));
    }
}
