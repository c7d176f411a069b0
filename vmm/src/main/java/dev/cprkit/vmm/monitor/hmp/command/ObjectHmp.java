package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.qmp.DescriptorCommands;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.objects.ObjectException;
import dev.cprkit.vmm.objects.UserObjects;
import dev.cprkit.vmm.qom.QomType;
import dev.cprkit.vmm.qom.QomTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the human monitor adds and removes: object_add, object_del, device_add, device_del, netdev_add, netdev_del, getfd,
 * closefd.
 */
public final class ObjectHmp {
    private final QmpBridge qmp;
    private final DescriptorCommands descriptors;
    private final UserObjects objects;
    private final Parser parser;

    /** Reads objects and devices as the command line does. */
    public interface Parser {
        /** Reads {@code TYPE,id=ID,...} or a JSON object. */
        ObjectConfig object(String text) throws ObjectException;

        /** Reads {@code VALUE,name=value,...}; {@code implied} is the name of a first value that has none. */
        Map<String, String> options(String text, String implied) throws ObjectException;

        /** The help that a text asks for, if it asks for help on objects. */
        Optional<String> help(String text);
    }

    private ObjectHmp(QmpBridge qmp, DescriptorCommands descriptors, UserObjects objects, Parser parser) {
        this.qmp = qmp;
        this.descriptors = descriptors;
        this.objects = objects;
        this.parser = parser;
    }

    /** Adds the commands. */
    public static void register(
            HmpRegistry registry, QmpRegistry qmp, DescriptorCommands descriptors, UserObjects objects, Parser parser) {
        ObjectHmp commands = new ObjectHmp(new QmpBridge(qmp), descriptors, objects, parser);
        registry.add(HmpCommand.of(
                        "object_add",
                        "object:S",
                        "[qom-type=]type,id=str[,prop=value][,...]",
                        "make an object",
                        commands::addObject)
                .completing(position -> position == 0 ? commands.types() : List.of()));
        registry.add(HmpCommand.of("object_del", "id:s", "id", "remove an object", commands::removeObject)
                .completing(
                        position -> position == 0 ? List.copyOf(objects.nodes().keySet()) : List.of()));
        registry.add(HmpCommand.of(
                        "device_add",
                        "device:O",
                        "driver[,prop=value][,...]",
                        "add device, like -device on the command line",
                        commands::addDevice)
                .completing(position -> position == 0 ? devices() : List.of()));
        registry.add(HmpCommand.of(
                "device_del",
                "id:s",
                "device",
                "remove device",
                (out, a) -> commands.qmp.call("device_del", new JsonObject().put("id", a.string("id")))));
        registry.add(HmpCommand.of(
                "netdev_add",
                "netdev:O",
                "type,id=str[,prop=value][,...]",
                "add host network device",
                commands::addNetwork));
        registry.add(HmpCommand.of("netdev_del", "id:s", "id", "remove host network device", (out, a) -> {
            throw new HmpError("Device '" + a.string("id") + "' not found");
        }));
        registry.add(HmpCommand.of(
                "getfd",
                "fdname:s",
                "getfd name",
                "receive a file descriptor via SCM rights and assign it a name",
                (out, a) -> commands.nameDescriptor(out, a.string("fdname"))));
        registry.add(HmpCommand.of(
                "closefd",
                "fdname:s",
                "closefd name",
                "close a file descriptor that was passed and named",
                (out, a) -> commands.qmp.call("closefd", new JsonObject().put("fdname", a.string("fdname")))));
        registry.addInfo(HmpCommand.of("qdm", "", "", "show the device models", (out, a) -> models(out)));
    }

    private List<String> types() {
        List<String> types = new ArrayList<>();
        for (String line : parser.help("help").orElse("").split("\n", -1)) {
            if (line.startsWith("  ")) {
                types.add(line.strip());
            }
        }
        return types;
    }

    private static List<String> devices() {
        List<String> names = new ArrayList<>();
        for (QomType type : QomTypes.all()) {
            if (type.pluggable() && !type.isAbstract()) {
                names.add(type.name());
            }
        }
        return names;
    }

    private static void models(HmpOutput out) {
        out.println("Misc devices:");
        for (String name : devices()) {
            out.println("name \"" + name + "\", bus virtio-bus");
        }
    }

    private void addObject(HmpOutput out, HmpArguments arguments) throws HmpError {
        String text = arguments.string("object");
        Optional<String> help = parser.help(text);
        if (help.isPresent()) {
            out.print(help.get());
            return;
        }
        try {
            objects.add(parser.object(text));
        } catch (ObjectException e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void removeObject(HmpOutput out, HmpArguments arguments) throws HmpError {
        qmp.call("object-del", new JsonObject().put("id", arguments.string("id")));
    }

    /** The descriptor came with the line, or with the QMP command that brought the line. */
    private void nameDescriptor(HmpOutput out, String name) throws HmpError {
        int[] passed = out.takeDescriptors();
        if (passed.length == 0) {
            qmp.call("getfd", new JsonObject().put("fdname", name));
            return;
        }
        try {
            descriptors.name(name, passed);
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void addDevice(HmpOutput out, HmpArguments arguments) throws HmpError {
        String text = arguments.optionalString("device").orElse("");
        if (text.equals("help") || text.equals("?")) {
            models(out);
            return;
        }
        if (text.endsWith(",help")
                && QomTypes.find(text.substring(0, text.length() - 5)).isPresent()) {
            properties(QomTypes.find(text.substring(0, text.length() - 5)).get(), out);
            return;
        }
        Map<String, String> options = options(text, "driver");
        if (!options.containsKey("driver")) {
            throw new HmpError("Parameter 'driver' is missing");
        }
        JsonObject device = new JsonObject();
        options.forEach(device::put);
        qmp.call("device_add", device);
    }

    private static void properties(QomType type, HmpOutput out) {
        out.println(type.name() + " options:");
        for (QomType.Property property : type.properties()) {
            String name = "  " + property.name() + "=<" + property.type() + ">";
            StringBuilder line = new StringBuilder(name);
            if (property.description().isPresent() || property.initial().isPresent()) {
                line.append(" ".repeat(Math.max(1, 25 - name.length())))
                        .append("- ")
                        .append(property.description().orElse(""));
                property.initial()
                        .ifPresent(value -> line.append(" (default: ")
                                .append(PropertyText.plain(value))
                                .append(')'));
            }
            out.println(line.toString());
        }
    }

    private void addNetwork(HmpOutput out, HmpArguments arguments) throws HmpError {
        Map<String, String> options = options(arguments.optionalString("netdev").orElse(""), "type");
        if (!options.containsKey("id")) {
            throw new HmpError("Parameter 'id' is missing");
        }
        if (!options.containsKey("type")) {
            throw new HmpError("Parameter 'type' is missing");
        }
        // There are no network cards, so there is nothing to connect one to.
        throw new HmpError("Parameter 'type' does not accept value '" + options.get("type") + "'");
    }

    private Map<String, String> options(String text, String implied) throws HmpError {
        try {
            return parser.options(text, implied);
        } catch (ObjectException e) {
            throw new HmpError(e.getMessage());
        }
    }
}
