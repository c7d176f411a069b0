package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.qom.QomType;
import dev.cprkit.vmm.qom.QomTypes;
import java.util.Optional;

/**
 * query-command-line-options: which options there are, and what they can be told. As in QEMU only those that take a list
 * of properties, and of these some with their properties left out.
 */
public final class OptionCommands {
    /** OPTION PROPERTY:TYPE... */
    private static final String OPTIONS = """
        accel
        action reboot:string shutdown:string panic:string watchdog:string
        add-fd fd:number set:number opaque:string
        chardev backend:string path:string input-path:string host:string port:string fd:string to:number ipv4:boolean \
        ipv6:boolean nodelay:boolean reconnect-ms:number telnet:boolean server:boolean wait:boolean mux:boolean \
        signal:boolean append:boolean logfile:string logappend:boolean abstract:boolean tight:boolean
        device
        global driver:string property:string value:string
        memory size:size slots:number maxmem:size
        mon mode:string chardev:string pretty:boolean
        name guest:string process:string debug-threads:boolean
        net
        nic
        object
        run-with exit-with-parent:boolean
        smp-opts cpus:number drawers:number books:number sockets:number dies:number clusters:number modules:number \
        cores:number threads:number maxcpus:number
        """;

    private OptionCommands() {}

    /** Adds the command. */
    public static void register(QmpRegistry registry) {
        registry.add("query-command-line-options", OptionCommands::query);
    }

    private static JsonValue query(QmpArguments arguments) throws QmpError {
        Optional<String> wanted = arguments.optionalString("option");
        JsonArray options = new JsonArray();
        if (wanted.isEmpty() || wanted.get().equals("machine")) {
            options.add(machine());
        }
        for (String line : OPTIONS.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (!words[0].isEmpty() && (wanted.isEmpty() || wanted.get().equals(words[0]))) {
                options.add(option(words));
            }
        }
        if (wanted.isPresent() && options.values().isEmpty()) {
            throw QmpError.generic("invalid option name: " + wanted.get());
        }
        return options;
    }

    private static JsonObject option(String[] words) {
        JsonArray parameters = new JsonArray();
        for (int i = 1; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            parameters.add(new JsonObject()
                    .put("name", words[i].substring(0, colon))
                    .put("type", words[i].substring(colon + 1)));
        }
        return new JsonObject().put("option", words[0]).put("parameters", parameters);
    }

    /** What the machines can be told is what their types have as properties. */
    private static JsonObject machine() {
        JsonArray parameters =
                new JsonArray().add(new JsonObject().put("name", "type").put("type", "string"));
        for (String type : new String[] {"machine", "virt-machine"}) {
            for (QomType.Property property : QomTypes.get(type).properties()) {
                JsonObject entry = new JsonObject().put("name", property.name());
                property.description().ifPresent(text -> entry.put("help", text));
                parameters.add(entry.put("type", property.type().equals("bool") ? "boolean" : "string"));
            }
        }
        return new JsonObject().put("option", "machine").put("parameters", parameters);
    }
}
