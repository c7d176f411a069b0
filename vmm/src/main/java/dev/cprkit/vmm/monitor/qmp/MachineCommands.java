package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.MachineFacts;

/**
 * What the machine is made of: query-name, query-uuid, query-machines, query-memdev,
 * query-memory-size-summary, query-cpus-fast, query-hotpluggable-cpus.
 */
public final class MachineCommands {
    private final MachineFacts facts;

    public MachineCommands(MachineFacts facts) {
        this.facts = facts;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("query-name", this::queryName);
        registry.add("query-uuid", this::queryUuid);
        registry.add("query-machines", MachineCommands::queryMachines);
        registry.add("query-memdev", this::queryMemdev);
        registry.add("query-memory-size-summary", this::queryMemorySize);
        registry.add("query-cpus-fast", this::queryCpus);
        registry.add("query-hotpluggable-cpus", MachineCommands::queryHotpluggableCpus);
    }

    private JsonValue queryName(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonObject result = new JsonObject();
        facts.name().ifPresent(name -> result.put("name", name));
        return result;
    }

    private JsonValue queryUuid(QmpArguments arguments) throws QmpError {
        arguments.end();
        return new JsonObject().put("UUID", facts.uuid());
    }

    private static JsonValue queryMachines(QmpArguments arguments) throws QmpError {
        boolean compatibility = arguments.optionalBool("compat-props").orElse(false);
        JsonObject none = machine("none", compatibility).put("default-ram-id", "ram");
        JsonObject virt = machine("virt", compatibility)
                .put("default-cpu-type", "rv64-riscv-cpu")
                .put("default-ram-id", "riscv_virt_board.ram");
        return new JsonArray().add(none).add(virt);
    }

    /** None of the machines has an older version to be compatible with. */
    private static JsonObject machine(String name, boolean compatibility) {
        JsonObject machine = new JsonObject()
                .put("name", name)
                .put("cpu-max", 1)
                .put("hotpluggable-cpus", false)
                .put("numa-mem-supported", false)
                .put("deprecated", false)
                .put("acpi", false);
        return compatibility ? machine.put("compat-props", new JsonArray()) : machine;
    }

    private JsonValue queryMemdev(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray result = new JsonArray();
        for (MachineFacts.MemoryBackend backend : facts.memoryBackends()) {
            JsonObject one = new JsonObject()
                    .put("size", backend.size())
                    .put("merge", backend.merge())
                    .put("dump", backend.dump())
                    .put("prealloc", backend.prealloc())
                    .put("share", backend.share())
                    .put("reserve", backend.reserve())
                    .put("host-nodes", new JsonArray())
                    .put("policy", "default");
            backend.id().ifPresent(id -> one.put("id", id));
            result.add(one);
        }
        return result;
    }

    private JsonValue queryMemorySize(QmpArguments arguments) throws QmpError {
        arguments.end();
        return new JsonObject().put("base-memory", facts.ramSize());
    }

    private JsonValue queryCpus(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray result = new JsonArray();
        for (MachineFacts.Cpu cpu : facts.cpus()) {
            result.add(new JsonObject()
                    .put("cpu-index", cpu.index())
                    .put("qom-path", "/machine/soc0/harts[" + cpu.index() + "]")
                    .put("qom-type", cpu.model() + "-riscv-cpu")
                    .put("thread-id", cpu.threadId().getAsLong())
                    .put(
                            "props",
                            new JsonObject()
                                    .put("socket-id", 0)
                                    .put("cluster-id", 0)
                                    .put("core-id", cpu.index())
                                    .put("thread-id", 0))
                    .put("target", "riscv64"));
        }
        return result;
    }

    private static JsonValue queryHotpluggableCpus(QmpArguments arguments) throws QmpError {
        arguments.end();
        throw QmpError.generic("machine does not support hot-plugging CPUs");
    }
}
