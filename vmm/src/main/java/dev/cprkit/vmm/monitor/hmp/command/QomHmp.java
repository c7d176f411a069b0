package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.proto.json.JsonParseException;
import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The tree of objects for people: info qtree, qom-tree, virtio; qom-list, qom-get, qom-set. */
public final class QomHmp {
    private static final List<String> HIDDEN =
            List.of("type", "parent_bus", "realized", "hotplugged", "hotpluggable", "legacy-addr");

    private final QmpBridge qmp;
    private final QomTree tree;
    private final DeviceRegions regions;

    private QomHmp(QmpBridge qmp, QomTree tree, GuestInspection guest) {
        this.qmp = qmp;
        this.tree = tree;
        this.regions = new DeviceRegions(tree, guest);
    }

    /** Adds the commands. */
    public static void register(HmpRegistry registry, QmpRegistry qmp, QomTree tree, GuestInspection guest) {
        QomHmp commands = new QomHmp(new QmpBridge(qmp), tree, guest);
        registry.add(HmpCommand.of("qom-list", "path:s?", "path", "show an object's properties", commands::list));
        registry.add(HmpCommand.of("qom-get", "path:s,property:s", "path property", "show a property", commands::get));
        registry.add(HmpCommand.of(
                "qom-set",
                "json:-j,path:s,property:s,value:S",
                "[-j] path property value",
                "change a property (-j: to a value in JSON)",
                commands::set));
        registry.addInfo(
                HmpCommand.of("qom-tree", "path:s?", "[path]", "show the tree of objects", commands::objectTree));
        registry.addInfo(HmpCommand.of(
                "qtree",
                "brief:-b",
                "[-b]",
                "show the buses and their devices (-b: without properties)",
                (out, a) -> commands.buses(tree.buses(), "", a.flag("brief"), out)));
        virtio(registry, commands);
    }

    private static void virtio(HmpRegistry registry, QomHmp commands) {
        registry.addInfo(HmpCommand.of("virtio", "", "", "show the virtio devices", (out, a) -> commands.virtio(out)));
        registry.addInfo(HmpCommand.of(
                "virtio-status",
                "path:s",
                "path",
                "show a virtio device",
                (out, a) -> commands.noDetails(a, " is not a realized VirtIODevice")));
        registry.addInfo(HmpCommand.of(
                "virtio-queue-status",
                "path:s,queue:i",
                "path queue",
                "show a queue of a virtio device",
                (out, a) -> commands.noDetails(a, " is not a VirtIODevice")));
        registry.addInfo(HmpCommand.of(
                "virtio-vhost-queue-status",
                "path:s,queue:i",
                "path queue",
                "show a queue of a vhost device",
                (out, a) -> commands.noDetails(a, " is not a VirtIODevice")));
        registry.addInfo(HmpCommand.of(
                "virtio-queue-element",
                "path:s,queue:i,index:i?",
                "path queue [index]",
                "show an element of a virtio queue",
                (out, a) -> commands.noDetails(a, " is not a VirtIO device")));
    }

    private void list(HmpOutput out, HmpArguments arguments) throws HmpError {
        Optional<String> path = arguments.optionalString("path");
        if (path.isEmpty()) {
            out.println("/");
            return;
        }
        JsonArray properties = (JsonArray) qmp.call("qom-list", new JsonObject().put("path", path.get()));
        for (JsonValue property : properties.values()) {
            JsonObject entry = (JsonObject) property;
            out.println(PropertyText.plain(entry.members().get("name")) + " ("
                    + PropertyText.plain(entry.members().get("type")) + ")");
        }
    }

    private void get(HmpOutput out, HmpArguments arguments) throws HmpError {
        JsonValue value = qmp.call(
                "qom-get",
                new JsonObject().put("path", arguments.string("path")).put("property", arguments.string("property")));
        out.println(JsonText.writePretty(value));
    }

    private void set(HmpOutput out, HmpArguments arguments) throws HmpError {
        String path = arguments.string("path");
        String property = arguments.string("property");
        String text = arguments.string("value");
        JsonValue value = arguments.flag("json") ? json(text) : typed(path, property, text);
        qmp.call(
                "qom-set",
                new JsonObject().put("path", path).put("property", property).put("value", value));
    }

    private static JsonValue json(String text) throws HmpError {
        try {
            return JsonText.parse(text);
        } catch (JsonParseException e) {
            throw new HmpError("JSON parse error, " + e.getMessage());
        }
    }

    /** A value of the property's type, if the text can be one; else the text. */
    private JsonValue typed(String path, String property, String text) {
        String type = "string";
        try {
            for (QomNode.Property known : tree.find(path).properties()) {
                type = known.name().equals(property) ? known.type() : type;
            }
        } catch (QomException e) {
            return new JsonString(text); // the command says it better
        }
        if (type.equals("bool") && (text.equals("on") || text.equals("off"))) {
            return new JsonBool(text.equals("on"));
        }
        if (type.contains("int") || type.equals("size")) {
            try {
                BigInteger number = new BigInteger(text);
                return new JsonNumber(number, number.doubleValue());
            } catch (NumberFormatException e) {
                return new JsonString(text);
            }
        }
        return new JsonString(text);
    }

    private void objectTree(HmpOutput out, HmpArguments arguments) {
        String path = arguments.optionalString("path").orElse("/machine");
        try {
            QomNode node = tree.find(path);
            String name = tree.pathOf(node).orElse("/");
            show("/" + name.substring(name.lastIndexOf('/') + 1), node, "", out);
        } catch (QomException e) {
            out.println("Path '" + path + "' could not be resolved.");
        }
    }

    private static void show(String name, QomNode node, String indent, HmpOutput out) {
        out.println(indent + name + " (" + node.type().name() + ")");
        for (Map.Entry<String, QomNode> child : new TreeMap<>(node.children()).entrySet()) {
            show("/" + child.getKey(), child.getValue(), indent + "  ", out);
        }
    }

    private void buses(List<QomTree.Bus> buses, String indent, boolean brief, HmpOutput out) {
        for (QomTree.Bus bus : buses) {
            out.println(indent + "bus: " + bus.name());
            out.println(indent + "  type " + bus.type());
            for (QomTree.Slot slot : bus.slots()) {
                out.println(indent + "  dev: " + slot.device().type().name() + ", id \"" + slot.id() + "\"");
                if (!brief) {
                    properties(slot.device(), indent + "    ", out);
                }
                buses(slot.buses(), indent + "    ", brief, out);
            }
        }
    }

    private void properties(QomNode device, String indent, HmpOutput out) {
        for (QomNode.Property property : device.properties()) {
            Optional<JsonValue> value = device.value(property.name());
            if (value.isPresent() && !HIDDEN.contains(property.name())) {
                out.println(indent + property.name() + " = " + PropertyText.shown(value.get()));
            }
        }
        Optional<GuestMemory.Range> range = regions.of(device);
        if (range.isPresent()) {
            out.println(indent + "mmio " + Hex.digits(range.get().start(), 16) + "/"
                    + Hex.digits(range.get().size(), 16));
        }
    }

    private void virtio(HmpOutput out) throws HmpError {
        List<QomNode> devices = new ArrayList<>();
        collect(tree.root(), devices);
        if (devices.isEmpty()) {
            throw new HmpError("No virtio devices found");
        }
        for (QomNode device : devices) {
            out.println(tree.pathOf(device).orElse("?") + " ["
                    + device.type().name().replace("-device", "") + "]");
        }
    }

    private static void collect(QomNode node, List<QomNode> devices) {
        if (node.type().is("virtio-device")) {
            devices.add(node);
        }
        for (QomNode child : node.children().values()) {
            collect(child, devices);
        }
    }

    private void noDetails(HmpArguments arguments, String notOne) throws HmpError {
        String path = arguments.string("path");
        try {
            if (tree.find(path).type().is("virtio-device")) {
                throw new HmpError("the inside of virtio devices is not shown");
            }
        } catch (QomException e) {
            throw new HmpError("Path " + path + notOne);
        }
        throw new HmpError("Path " + path + notOne);
    }
}
