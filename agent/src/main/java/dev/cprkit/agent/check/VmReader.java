package dev.cprkit.agent.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.check.DeviceFacts.Device;
import dev.cprkit.agent.check.DeviceFacts.Disk;
import dev.cprkit.agent.check.MigrationFacts.ModeAnswer;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks a VM's monitor for all that the checks judge. Questions that the program does not know stay without an answer; only
 * a lost connection ends it. Sets the migration mode in between and puts it back ({@link ModeProbe}).
 */
final class VmReader {
    private static final String MACHINE = "-machine";

    private final VmMonitor monitor;
    private final List<String> arguments;

    /** @param arguments of its command line */
    VmReader(VmMonitor monitor, List<String> arguments) {
        this.monitor = monitor;
        this.arguments = arguments;
    }

    /** @param free whether nobody else may be about to set the mode: no update of the VM is under way */
    VmFacts read(QmpVersion version, boolean free, ModeProbe.Reconnection reconnection) throws QmpException {
        String runState = monitor.runState();
        boolean running = monitor.migration().isRunning();
        String mode = monitor.mode();
        MachineFacts machine = machine();
        DeviceFacts devices = devices();
        Map<MigMode, ModeAnswer> modes =
                free && !running ? new ModeProbe(monitor, reconnection).answers(mode) : Map.of();
        MigrationFacts migration =
                new MigrationFacts(runState, running, mode, modes, monitor.capabilities(), parameters(), jobs());
        return new VmFacts(version, ask("query-target").path("arch").asText(""), migration, machine, devices);
    }

    private JsonNode ask(String command) throws QmpException {
        return monitor.query(command, object()).orElse(object());
    }

    private JsonNode property(String path, String property) throws QmpException {
        return monitor.query("qom-get", object().put("path", path).put("property", property))
                .orElse(object());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private Map<String, String> parameters() throws QmpException {
        Map<String, String> parameters = new HashMap<>();
        ask("query-migrate-parameters").properties().forEach(one -> {
            if (one.getValue().isValueNode()) {
                parameters.put(one.getKey(), one.getValue().asText());
            }
        });
        return parameters;
    }

    private List<String> jobs() throws QmpException {
        Set<String> seen = new HashSet<>();
        List<String> jobs = new ArrayList<>();
        for (String query : List.of("query-jobs", "query-block-jobs")) {
            for (JsonNode job : ask(query)) {
                String id = job.path("id").asText(job.path("device").asText());
                if (seen.add(id)) {
                    jobs.add("job " + id + " (" + job.path("type").asText() + ")");
                }
            }
        }
        for (JsonNode export : ask("query-block-exports")) {
            jobs.add("export " + export.path("id").asText() + " ("
                    + export.path("type").asText() + " of node "
                    + export.path("node-name").asText() + ")");
        }
        if (ask("query-dump").path("status").asText().equals("active")) {
            jobs.add("a dump of the guest's memory");
        }
        return jobs;
    }

    private MachineFacts machine() throws QmpException {
        Map<String, String> aliases = new HashMap<>();
        Set<String> types = new HashSet<>();
        for (JsonNode one : ask("query-machines")) {
            types.add(one.path("name").asText());
            if (one.has("alias")) {
                aliases.put(one.path("alias").asText(), one.path("name").asText());
            }
        }
        String type = property("/machine", "type").asText("");
        List<MemoryBackend> memory = monitor.memory();
        Map<String, String> files = new HashMap<>();
        for (MemoryBackend backend : memory) {
            String path = property("/objects/" + backend.id(), "mem-path").asText("");
            if (!backend.id().isEmpty() && path.contains("/")) {
                files.put(backend.id(), path);
            }
        }
        Set<String> huge = new HashSet<>();
        for (MemoryBackend backend : memory) {
            if (!backend.id().isEmpty()
                    && property("/objects/" + backend.id(), "hugetlb").asBoolean()) {
                huge.add(backend.id());
            }
        }
        JsonNode aux = property("/machine", "aux-ram-share");
        return new MachineFacts(
                type.endsWith(MACHINE) ? type.substring(0, type.length() - MACHINE.length()) : "",
                aliases,
                types,
                aux.isBoolean() ? Optional.of(aux.asBoolean()) : Optional.empty(),
                memory,
                name(property("/machine", "memory-backend").asText("")),
                files,
                huge);
    }

    /** The last part of a path in the object tree. */
    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private DeviceFacts devices() throws QmpException {
        List<Device> plugged = new ArrayList<>();
        children("/machine/peripheral").forEach((id, type) -> plugged.add(new Device(id, type)));
        children("/machine/peripheral-anon").forEach((id, type) -> plugged.add(new Device("", type)));
        List<String> objects = List.copyOf(children("/objects").keySet());
        return new DeviceFacts(plugged, objects, monitor.chardevs(), disks(), nodes(), hotplugged());
    }

    private Hotplugged hotplugged() throws QmpException {
        try {
            return Hotplugged.of(monitor::execute, arguments);
        } catch (QmpException.ErrorReply e) {
            return new Hotplugged(List.of(), List.of()); // a question that it does not know
        }
    }

    /** From the name of each child of an object to its type. */
    private Map<String, String> children(String path) throws QmpException {
        Map<String, String> children = new HashMap<>();
        for (JsonNode one :
                monitor.query("qom-list", object().put("path", path)).orElse(object())) {
            String type = one.path("type").asText();
            if (type.startsWith("child<") && type.endsWith(">")) {
                children.put(one.path("name").asText(), type.substring("child<".length(), type.length() - 1));
            }
        }
        return children;
    }

    private List<Disk> disks() throws QmpException {
        Map<String, JsonNode> byName = new HashMap<>();
        for (JsonNode node : namedNodes()) {
            byName.put(node.path("node-name").asText(), node);
        }
        List<Disk> disks = new ArrayList<>();
        for (JsonNode drive : ask("query-block")) {
            JsonNode inserted = drive.path("inserted");
            if (inserted.isObject()) {
                String name = drive.path("device").asText("");
                disks.add(new Disk(
                        name.isEmpty() ? drive.path("qdev").asText("") : name,
                        inserted.path("node-name").asText(""),
                        inserted.path("file").asText(""),
                        lowest(inserted, byName, inserted.path("drv").asText(""))));
            }
        }
        return disks;
    }

    /**
     * The driver at the end of the chain of {@code file} children: the one that has the host's file or connection. QEMU
     * before 10.1 does not tell children, but the lowest node is the other one of the same file.
     */
    private static String lowest(JsonNode node, Map<String, JsonNode> byName, String driver) {
        for (JsonNode child : node.path("children")) {
            JsonNode below = byName.get(child.path("node-name").asText());
            if (child.path("child").asText().equals("file") && below != null && !below.equals(node)) {
                return lowest(below, byName, below.path("drv").asText(driver));
            }
        }
        if (!node.has("children")) {
            for (JsonNode other : byName.values()) {
                String drv = other.path("drv").asText();
                if (!drv.equals(driver) && other.path("file").equals(node.path("file"))) {
                    return drv;
                }
            }
        }
        return driver;
    }

    private JsonNode namedNodes() throws QmpException {
        return monitor.query("query-named-block-nodes", object()).orElse(object());
    }

    private List<String> nodes() throws QmpException {
        List<String> names = new ArrayList<>();
        for (JsonNode node : namedNodes()) {
            String name = node.path("node-name").asText("");
            if (!name.isEmpty() && !name.startsWith("#")) {
                names.add(name);
            }
        }
        return names;
    }
}
