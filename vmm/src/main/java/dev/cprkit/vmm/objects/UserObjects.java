package dev.cprkit.vmm.objects;

import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.MemoryException;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.monitor.MonitorConfig;
import dev.cprkit.vmm.qom.QomNode;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects that users made, on the command line or later, by their ids: it makes them and removes them. Main loop's
 * thread with the machine lock held.
 */
public final class UserObjects {
    private final RamAllocator allocator;
    private MonitorOpener monitors;
    private final Map<String, UserObject> objects = new LinkedHashMap<>();

    /** Opens monitors. */
    @FunctionalInterface
    public interface MonitorOpener {
        /** Opens one on its chardev, which nobody uses yet. */
        OpenMonitor open(MonitorConfig config) throws ChardevException;
    }

    /** A monitor that is open. */
    @FunctionalInterface
    public interface OpenMonitor {
        /**
         * Closes it; the chardev stays, for others to use.
         *
         * @throws ObjectException if it cannot be closed now
         */
        void close() throws ObjectException;
    }

    /** Has no objects yet. */
    public UserObjects(RamAllocator allocator) {
        this.allocator = allocator;
        this.monitors = monitor -> {
            throw new ChardevException("there are no monitors yet");
        };
    }

    /** From here on monitors can be made, by {@code opener}. */
    public void openMonitorsBy(MonitorOpener opener) {
        monitors = opener;
    }

    /** Makes a monitor that the command line asks for; one without an id gets one. */
    public void addMonitor(MonitorConfig config) throws ChardevException {
        String id = config.id();
        for (int i = 0; id.isEmpty() || objects.containsKey(id); i++) {
            id = "compat_monitor" + i;
        }
        objects.put(id, new MonitorObject(config, monitors.open(config)));
    }

    /** Takes over what the command line asked for and the machine's builder has made; the monitors are still to be made. */
    public void adopt(MachineConfig config) {
        for (MemoryBackendConfig backend : config.backends()) {
            boolean mapped = config.machine()
                    .memoryBackend()
                    .filter(backend.id()::equals)
                    .isPresent();
            adopt(backend, mapped);
        }
        if (config.machine().memoryBackend().isEmpty()) {
            adopt(RamAllocator.defaultRamConfig(config.ramSize()), true);
        }
        for (RngConfig rng : config.rngs()) {
            objects.put(rng.id(), RngObject.of(rng));
        }
    }

    private void adopt(MemoryBackendConfig backend, boolean mapped) {
        for (RamBlock block : allocator.blocks()) {
            if (block.idstr().equals(backend.options().blockName())) {
                objects.put(backend.id(), new MemoryObject(backend, block, mapped, allocator));
            }
        }
    }

    /**
     * Makes an object.
     *
     * @throws ObjectException if it cannot be made; nothing is left of it
     */
    public void add(ObjectConfig config) throws ObjectException {
        String id = config.id();
        if (objects.containsKey(id)) {
            throw new ObjectException("attempt to add duplicate property '" + id + "' to object (type 'container')");
        }
        try {
            objects.put(
                    id,
                    switch (config) {
                        case ObjectConfig.Backend(MemoryBackendConfig backend) ->
                            new MemoryObject(backend, allocator.backend(backend), false, allocator);
                        case ObjectConfig.Rng(RngConfig rng) -> RngObject.open(rng);
                        case ObjectConfig.Monitor(MonitorConfig monitor) ->
                            new MonitorObject(monitor, monitors.open(monitor));
                    });
        } catch (MemoryException | ChardevException e) {
            throw new ObjectException(e.getMessage(), e);
        }
    }

    /**
     * Removes an object.
     *
     * @throws ObjectException if there is none of that id, or it is in use
     */
    public void remove(String id) throws ObjectException {
        UserObject object = objects.get(id);
        if (object == null) {
            throw new ObjectException("object '" + id + "' not found");
        }
        object.remove();
        objects.remove(id);
    }

    /** How the objects show in the tree, by id. */
    public Map<String, QomNode> nodes() {
        Map<String, QomNode> nodes = new LinkedHashMap<>();
        for (Map.Entry<String, UserObject> object : objects.entrySet()) {
            nodes.put(object.getKey(), object.getValue().node());
        }
        return nodes;
    }

    /** The memory backends, always as they are now. */
    public List<MachineFacts.MemoryBackend> memoryBackends() {
        return new AbstractList<>() {
            @Override
            public MachineFacts.MemoryBackend get(int index) {
                return facts().get(index);
            }

            @Override
            public int size() {
                return facts().size();
            }
        };
    }

    private List<MachineFacts.MemoryBackend> facts() {
        List<MachineFacts.MemoryBackend> facts = new ArrayList<>();
        for (UserObject object : objects.values()) {
            if (object instanceof MemoryObject memory) {
                facts.add(memory.fact());
            }
        }
        return facts;
    }
}
