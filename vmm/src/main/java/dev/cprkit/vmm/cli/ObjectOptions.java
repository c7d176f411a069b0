package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code -object TYPE,id=ID[,property=value...]}, also as JSON. Objects are kept by kind, in their order. */
final class ObjectOptions {
    private record Backend(String type, String id, Properties properties) {}

    private final Set<String> ids = new HashSet<>();
    private final List<Backend> backends = new ArrayList<>();
    private final List<RngConfig> rngs = new ArrayList<>();
    private final List<MonitorConfig> monitors = new ArrayList<>();

    /** One {@code -object}. */
    void option(Properties properties) throws CommandLineException {
        String type = properties.require("qom-type");
        if (!ObjectHelp.exists(type)) {
            throw properties.error("Parameter 'qom-type' does not accept value '" + type + "'");
        }
        Optional<String> given = properties.takeId();
        if (given.isEmpty()) {
            throw properties.error("Parameter 'id' is missing");
        }
        String id = given.get();
        if (!ids.add(id)) {
            throw properties.isJson()
                    ? new CommandLineException(
                            "attempt to add duplicate property '" + id + "' to object (type 'container')")
                    : properties.error("Duplicate ID '" + id + "' for object");
        }
        if (type.startsWith("memory-backend-")) {
            // Read once the machine's defaults for merge and dump are known.
            backends.add(new Backend(type, id, properties));
            return;
        }
        switch (read(type, id, properties, true, true)) {
            case ObjectConfig.Monitor(MonitorConfig monitor) -> monitors.add(monitor);
            case ObjectConfig.Rng(RngConfig rng) -> rngs.add(rng);
            case ObjectConfig.Backend ignored -> throw new IllegalStateException(type);
        }
    }

    /** One object; {@code merge} and {@code dump} are what the machine says of all memory backends. */
    static ObjectConfig read(String type, String id, Properties properties, boolean merge, boolean dump)
            throws CommandLineException {
        ObjectConfig config =
                switch (type) {
                    case "monitor-qmp" -> new ObjectConfig.Monitor(monitor(id, MonitorConfig.Mode.CONTROL, properties));
                    case "monitor-hmp" ->
                        new ObjectConfig.Monitor(monitor(id, MonitorConfig.Mode.READLINE, properties));
                    case "rng-random" -> {
                        opened(properties);
                        yield new ObjectConfig.Rng(new RngConfig.Random(
                                id, Path.of(properties.take("filename").orElse("/dev/urandom"))));
                    }
                    case "rng-builtin" -> {
                        opened(properties);
                        yield new ObjectConfig.Rng(new RngConfig.Builtin(id));
                    }
                    default -> new ObjectConfig.Backend(MemoryBackendOption.read(type, id, properties, merge, dump));
                };
        properties.end();
        return config;
    }

    /** A source is open as soon as it is made; a flag of older versions says so too. */
    private static void opened(Properties properties) throws CommandLineException {
        boolean ignored = properties.takeFlag("opened", true);
    }

    private static MonitorConfig monitor(String id, MonitorConfig.Mode mode, Properties properties)
            throws CommandLineException {
        String chardev = properties.require("chardev");
        boolean control = mode == MonitorConfig.Mode.CONTROL;
        boolean pretty = control && properties.takeFlag("pretty", false);
        if (control) {
            // The only action known for the end of a connection is to wait for the next one.
            Optional<String> action = properties.take("close-action");
            if (action.isPresent() && !action.get().equals("none")) {
                throw properties.error("Parameter 'close-action' does not accept value '" + action.get() + "'");
            }
        }
        return new MonitorConfig(id, mode, chardev, pretty);
    }

    /** The memory backends; {@code merge} and {@code dump} are what the machine says of all of them. */
    List<MemoryBackendConfig> memoryBackends(boolean merge, boolean dump) throws CommandLineException {
        List<MemoryBackendConfig> configs = new ArrayList<>();
        for (Backend backend : backends) {
            configs.add(MemoryBackendOption.read(backend.type(), backend.id(), backend.properties(), merge, dump));
        }
        return configs;
    }

    /**
     * The size in bytes of the backend of that id among {@code backends}.
     *
     * @throws CommandLineException if there is none, or it cannot be a machine's RAM
     */
    static long sizeOfRam(List<MemoryBackendConfig> backends, String id) throws CommandLineException {
        for (MemoryBackendConfig backend : backends) {
            if (backend.id().equals(id)) {
                if (backend instanceof MemoryBackendConfig.File file && file.rom()) {
                    throw new CommandLineException("memory backend '" + id + "' is read-only: the machine's RAM needs"
                            + " readonly=off, or rom=off and share=off");
                }
                return backend.options().size();
            }
        }
        throw new CommandLineException("Memory backend '" + id + "' not found");
    }

    List<RngConfig> rngs() {
        return rngs;
    }

    List<MonitorConfig> monitors() {
        return monitors;
    }
}
