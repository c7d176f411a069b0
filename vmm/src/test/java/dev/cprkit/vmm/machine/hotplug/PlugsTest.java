package dev.cprkit.vmm.machine.hotplug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.qom.QomType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a bus that lets devices come and go is spared, and what it gets. */
class PlugsTest {
    private final Map<String, QomNode> plugged = new LinkedHashMap<>();
    private final QomTree tree = new QomTree(() -> new QomTree.Content(
            new QomNode("container")
                    .child(
                            "machine",
                            new QomNode("container")
                                    .child("peripheral", new QomNode("container").children(() -> plugged))),
            List.of()));
    private final OpenBus bus = new OpenBus();
    private boolean migrating;
    private final Plugs plugs = new Plugs(
            List.of(new FixedBus("fixed", "virtio-mmio-bus", "cpu", false, Map.of()), bus), tree, () -> migrating);

    @Test
    void aDeviceComesAndGoes() throws Exception {
        add("{'driver': 'virtio-rng-device', 'id': 'r', 'period': 5}");
        assertThat(plugged).containsOnlyKeys("r");
        assertThat(bus.properties).isEqualTo(Map.of("period", JsonNumber.of(5)));
        plugs.remove("/machine/peripheral/r");
        assertThat(plugged).isEmpty();
        add("{'driver': 'virtio-rng-device', 'bus': 'open'}");
    }

    @Test
    void noDeviceComesOrGoesWhileTheGuestMoves() throws Exception {
        add("{'driver': 'virtio-rng-device', 'id': 'r'}");
        migrating = true;
        refused("{'driver': 'virtio-rng-device', 'id': 's'}", "device_add not allowed while migrating");
        assertThatThrownBy(() -> plugs.remove("r")).hasMessage("device_del not allowed while migrating");
        assertThat(plugged).containsOnlyKeys("r");
        migrating = false;
        plugs.remove("r");
    }

    @Test
    void refusesWhatCannotBe() throws Exception {
        add("{'driver': 'virtio-rng-device', 'id': 'r'}");
        refused("{'driver': 'virtio-rng-device', 'id': 'r'}", "Duplicate device ID 'r'");
        refused("{'driver': 'virtio-rng-device', 'foo': 1}", "Property 'virtio-rng-device.foo' not found");
        refused(
                "{'driver': 'virtio-rng-device', 'bus': 'fixed'}",
                "Device 'virtio-rng-device' can't go on virtio-mmio-bus bus");
        assertThatThrownBy(() -> plugs.remove("x"))
                .isInstanceOfSatisfying(
                        PlugException.class, e -> assertThat(e.isNotFound()).isTrue())
                .hasMessage("Device 'x' not found");
        bus.full = true;
        refused("{'driver': 'virtio-rng-device', 'bus': 'open'}", "Bus 'open' is full");
        refused("{'driver': 'virtio-rng-device'}", "No 'virtio-bus' bus found for device 'virtio-rng-device'");
    }

    private void add(String request) throws Exception {
        plugs.add(((JsonObject) JsonText.parse(request)).members());
    }

    private void refused(String request, String text) {
        assertThatThrownBy(() -> add(request)).isInstanceOf(PlugException.class).hasMessage(text);
    }

    /** A bus such as a PCIe host would have. */
    private final class OpenBus implements DeviceBus {
        private boolean full;
        private Map<String, JsonValue> properties = Map.of();

        @Override
        public String name() {
            return "open";
        }

        @Override
        public String type() {
            return "PCIE";
        }

        @Override
        public boolean accepts(QomType device) {
            return device.is("virtio-device");
        }

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public boolean isHotPluggable() {
            return true;
        }

        @Override
        public Map<String, String> devices() {
            Map<String, String> paths = new LinkedHashMap<>();
            for (String id : plugged.keySet()) {
                paths.put(id, "/machine/peripheral/" + id);
            }
            return paths;
        }

        @Override
        public void plug(QomType device, Optional<String> id, Map<String, JsonValue> given) {
            properties = given;
            plugged.put(id.orElse("anonymous"), new QomNode(device.name()));
        }

        @Override
        public void unplug(String id) {
            plugged.remove(id);
        }
    }
}
