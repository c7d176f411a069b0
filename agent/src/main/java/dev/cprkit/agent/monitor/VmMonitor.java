package dev.cprkit.agent.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpPeer;
import dev.cprkit.proto.client.QmpVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One VM's monitor: the QMP commands that an update needs (reference/qemu-cpr.md, section 8.2). Owns its connection.
 * Any thread may call; every call has a time limit and throws {@link QmpException}.
 */
public final class VmMonitor implements AutoCloseable {
    private final QmpClient client;
    private final VmEvents events;
    private volatile Duration limit;

    private VmMonitor(QmpClient client, Duration limit, Runnable changed) {
        this.client = client;
        this.events = new VmEvents(changed);
        this.limit = limit;
        client.listen(events::add);
    }

    /** Connects without negotiating: see {@link #awaitGreeting}. {@code changed} is called after each event. */
    public static VmMonitor open(Path socket, Duration limit, Runnable changed) throws QmpException {
        return new VmMonitor(QmpClient.open(socket, limit), limit, changed);
    }

    /** Whether the VM has greeted us; false if it has not within {@code slice}. */
    public boolean awaitGreeting(Duration slice) throws QmpException {
        return client.awaitGreeting(slice);
    }

    /** Leaves negotiation mode; events come from here on. */
    public QmpVersion negotiate() throws QmpException {
        return client.negotiate(limit);
    }

    /** The time that each later command may take. */
    public void setLimit(Duration limit) {
        this.limit = limit;
    }

    public QmpPeer peer() {
        return client.peer();
    }

    public VmEvents events() {
        return events;
    }

    public boolean isClosed() {
        return client.isClosed();
    }

    /** Waits until the VM has hung up and all that it had sent is in {@link #events}. */
    public boolean awaitEnd(Duration limit) {
        return client.awaitEnd(limit);
    }

    /** The run state's name. */
    public String runState() throws QmpException {
        return ask("query-status").path("status").asText();
    }

    public MigrationInfo migration() throws QmpException {
        return MigrationInfo.of(ask("query-migrate"));
    }

    /** The VM's name, empty if it has none. */
    public String name() throws QmpException {
        return ask("query-name").path("name").asText("");
    }

    /** The mode that the next migration would have; "normal" if this program knows no modes. */
    public String mode() throws QmpException {
        return ask("query-migrate-parameters").path("mode").asText("normal");
    }

    public void setMode(String mode) throws QmpException {
        ask("migrate-set-parameters", object().put("mode", mode));
    }

    /** The capabilities that are there, and which of them are on. */
    public Map<String, Boolean> capabilities() throws QmpException {
        Map<String, Boolean> capabilities = new HashMap<>();
        for (JsonNode one : ask("query-migrate-capabilities")) {
            capabilities.put(one.path("capability").asText(), one.path("state").asBoolean());
        }
        return capabilities;
    }

    public void setCapabilities(Map<String, Boolean> capabilities) throws QmpException {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        capabilities.forEach(
                (name, on) -> list.addObject().put("capability", name).put("state", on));
        ask("migrate-set-capabilities", object().set("capabilities", list));
    }

    public List<MemoryBackend> memory() throws QmpException {
        List<MemoryBackend> backends = new ArrayList<>();
        for (JsonNode one : ask("query-memdev")) {
            backends.add(new MemoryBackend(
                    one.path("id").asText(""),
                    one.path("size").asLong(),
                    one.path("share").asBoolean()));
        }
        return backends;
    }

    /** A property of the machine object; empty if it has none of that name, or if the program has no such query. */
    public Optional<JsonNode> machineProperty(String property) throws QmpException {
        try {
            return Optional.of(ask("qom-get", object().put("path", "/machine").put("property", property)));
        } catch (QmpException.ErrorReply e) {
            return Optional.empty();
        }
    }

    /** From each machine alias to the machine it stands for; empty if the program does not say. */
    public Map<String, String> machineAliases() throws QmpException {
        Map<String, String> aliases = new HashMap<>();
        try {
            for (JsonNode machine : ask("query-machines")) {
                if (machine.has("alias")) {
                    aliases.put(
                            machine.path("alias").asText(), machine.path("name").asText());
                }
            }
        } catch (QmpException.ErrorReply e) {
            aliases.clear();
        }
        return aliases;
    }

    /** From each character device's label to where it leads. */
    public Map<String, String> chardevs() throws QmpException {
        Map<String, String> chardevs = new HashMap<>();
        for (JsonNode one : ask("query-chardev")) {
            chardevs.put(one.path("label").asText(), one.path("filename").asText());
        }
        return chardevs;
    }

    /** The names of all commands. */
    public Set<String> commands() throws QmpException {
        Set<String> names = new HashSet<>();
        ask("query-commands").forEach(command -> names.add(command.path("name").asText()));
        return names;
    }

    /** Starts a migration to another process of this host; returns when the CPR state has been sent. */
    public void migrate(Path mainSocket, Path cprSocket) throws QmpException {
        ArrayNode channels = JsonNodeFactory.instance.arrayNode();
        channels.add(channel("main", mainSocket)).add(channel("cpr", cprSocket));
        ask("migrate", object().set("channels", channels));
    }

    /** Starts a migration into a file; returns when the guest has been told to stop. */
    public void migrateTo(Path file) throws QmpException {
        ask(
                "migrate",
                object().set("channels", JsonNodeFactory.instance.arrayNode().add(fileChannel(file))));
    }

    /** Lets a VM that waits for it load what is in a file. */
    public void migrateFrom(Path file) throws QmpException {
        ask(
                "migrate-incoming",
                object().set("channels", JsonNodeFactory.instance.arrayNode().add(fileChannel(file))));
    }

    /** All migration parameters. */
    public JsonNode parameters() throws QmpException {
        return ask("query-migrate-parameters");
    }

    public void setParameter(String name, long value) throws QmpException {
        setParameters(object().put(name, value));
    }

    public void setParameters(ObjectNode parameters) throws QmpException {
        ask("migrate-set-parameters", parameters);
    }

    /** The command line that the process becomes in mode cpr-exec. */
    public void setExecCommand(List<String> command) throws QmpException {
        ArrayNode words = JsonNodeFactory.instance.arrayNode();
        command.forEach(words::add);
        ask("migrate-set-parameters", object().set("cpr-exec-command", words));
    }

    /** A property of a user's object; empty if there is none. */
    public Optional<String> objectProperty(String id, String property) throws QmpException {
        try {
            return Optional.of(
                    ask("qom-get", object().put("path", "/objects/" + id).put("property", property))
                            .asText());
        } catch (QmpException.ErrorReply e) {
            return Optional.empty();
        }
    }

    /** Lets a VM that waits for it listen for the main channel. */
    public void migrateIncoming(Path mainSocket) throws QmpException {
        ArrayNode channels = JsonNodeFactory.instance.arrayNode().add(channel("main", mainSocket));
        ask("migrate-incoming", object().set("channels", channels));
    }

    public void cancelMigration() throws QmpException {
        ask("migrate_cancel");
    }

    public void stop() throws QmpException {
        ask("stop");
    }

    public void cont() throws QmpException {
        ask("cont");
    }

    public void quit() throws QmpException {
        ask("quit");
    }

    /** The checkpoints of the update that this process came from; empty if the program keeps none. */
    public Optional<JsonNode> timeline() throws QmpException {
        try {
            return Optional.of(ask("x-query-cpr-timeline"));
        } catch (QmpException.ErrorReply e) {
            return Optional.empty();
        }
    }

    /** Any command. */
    public JsonNode execute(String command, ObjectNode arguments) throws QmpException {
        return ask(command, arguments);
    }

    /** Any query; empty if the program refuses it, because it does not know it or there is no such thing. */
    public Optional<JsonNode> query(String command, ObjectNode arguments) throws QmpException {
        try {
            return Optional.of(ask(command, arguments));
        } catch (QmpException.ErrorReply e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private JsonNode ask(String command) throws QmpException {
        return client.execute(command, limit);
    }

    private JsonNode ask(String command, ObjectNode arguments) throws QmpException {
        return client.execute(command, arguments, limit);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode fileChannel(Path file) {
        ObjectNode channel = object().put("channel-type", "main");
        channel.putObject("addr")
                .put("transport", "file")
                .put("filename", file.toString())
                .put("offset", 0);
        return channel;
    }

    private static ObjectNode channel(String type, Path socket) {
        ObjectNode channel = object().put("channel-type", type);
        channel.putObject("addr").put("transport", "socket").put("type", "unix").put("path", socket.toString());
        return channel;
    }
}
