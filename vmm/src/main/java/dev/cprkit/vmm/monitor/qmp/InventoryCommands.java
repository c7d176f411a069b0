package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.List;
import java.util.Optional;

/**
 * What management programs ask of any machine, and this one has none of or just one of: disks, jobs, cards, memory that
 * could be plugged, accelerators, CPU models.
 */
public final class InventoryCommands {
    private static final List<String> NOTHING = List.of(
            "query-memory-devices",
            "query-block",
            "query-named-block-nodes",
            "query-blockstats",
            "query-block-jobs",
            "query-jobs",
            "query-pci",
            "query-iothreads");

    private InventoryCommands() {}

    /** Adds the commands. */
    public static void register(QmpRegistry registry) {
        for (String name : NOTHING) {
            registry.add(name, arguments -> new JsonArray());
        }
        registry.add(
                "query-kvm", arguments -> new JsonObject().put("enabled", false).put("present", false));
        registry.add(
                "query-accelerators",
                arguments -> new JsonObject()
                        .put("enabled", "tcg")
                        .put("present", new JsonArray().add(new JsonString("tcg"))));
        registry.add("query-balloon", InventoryCommands::balloon);
        registry.add("balloon", InventoryCommands::balloon);
        registry.add("query-rx-filter", InventoryCommands::receiveFilters);
        registry.add("query-cpu-definitions", arguments -> cpuModels());
    }

    private static JsonValue balloon(QmpArguments arguments) throws QmpError {
        throw new QmpError("DeviceNotActive", "No balloon device has been activated");
    }

    private static JsonValue receiveFilters(QmpArguments arguments) throws QmpError {
        Optional<String> name = arguments.optionalString("name");
        if (name.isPresent()) {
            throw QmpError.generic("invalid net client name: " + name.get());
        }
        return new JsonArray();
    }

    private static JsonArray cpuModels() {
        JsonArray models = new JsonArray();
        for (String name : List.of("rv64", "max")) {
            models.add(new JsonObject()
                    .put("name", name)
                    .put("typename", name + "-riscv-cpu")
                    .put("static", false)
                    .put("deprecated", false));
        }
        return models;
    }
}
