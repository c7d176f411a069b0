package dev.cprkit.vmm.machine.hotplug;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.qom.QomType;
import dev.cprkit.vmm.qom.QomTypes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Checks what device_add and device_del ask for, in QEMU's order and with its texts, and hands it to the bus. A device
 * that came or went while a migration is under way would be missing from the stream, or from the machine that it is read
 * into, so there is no plugging then; while a guest is merely awaited there is.
 */
public final class Plugs {
    private final List<DeviceBus> buses;
    private final QomTree tree;
    private final BooleanSupplier migrating;

    /**
     * @param buses in the order in which they are asked to take a device that asks for no bus
     * @param migrating whether a migration is under way, in or out
     */
    public Plugs(List<DeviceBus> buses, QomTree tree, BooleanSupplier migrating) {
        this.buses = List.copyOf(buses);
        this.tree = tree;
        this.migrating = migrating;
    }

    /**
     * Plugs a device in.
     *
     * @param request {@code driver}, perhaps {@code bus} and {@code id}, and properties of the driver
     */
    public void add(Map<String, JsonValue> request) throws PlugException {
        QomType driver = driver(request);
        DeviceBus bus = bus(request, driver);
        if (!bus.isHotPluggable()) {
            throw PlugException.of("Bus '" + bus.name() + "' does not support hotplugging");
        }
        if (migrating.getAsBoolean()) {
            throw PlugException.of("device_add not allowed while migrating");
        }
        Optional<String> id = text(request, "id");
        if (id.isPresent() && known(id.get())) {
            throw PlugException.of("Duplicate device ID '" + id.get() + "'");
        }
        Map<String, JsonValue> properties = new LinkedHashMap<>(request);
        for (String name : List.of("driver", "bus", "id")) {
            properties.remove(name);
        }
        for (String name : properties.keySet()) {
            if (driver.property(name).isEmpty()) {
                throw PlugException.of("Property '" + driver.name() + "." + name + "' not found");
            }
        }
        bus.plug(driver, id, properties);
    }

    /**
     * Takes a device out.
     *
     * @param id its id, or its path in the tree of objects
     */
    public void remove(String id) throws PlugException {
        for (DeviceBus bus : buses) {
            for (Map.Entry<String, String> device : bus.devices().entrySet()) {
                if (device.getKey().equals(id) || device.getValue().equals(id)) {
                    remove(bus, device.getKey());
                    return;
                }
            }
        }
        if (id.startsWith("/") && exists(id)) {
            throw PlugException.of(
                    isDevice(id) ? "Bus 'main-system-bus' does not support hotplugging" : id + " is not a device");
        }
        throw PlugException.noSuchDevice(id);
    }

    private void remove(DeviceBus bus, String id) throws PlugException {
        if (!bus.isHotPluggable()) {
            throw PlugException.of("Bus '" + bus.name() + "' does not support hotplugging");
        }
        if (migrating.getAsBoolean()) {
            throw PlugException.of("device_del not allowed while migrating");
        }
        bus.unplug(id);
    }

    private static QomType driver(Map<String, JsonValue> request) throws PlugException {
        String name = text(request, "driver").orElse("");
        Optional<QomType> driver = QomTypes.find(name);
        if (driver.isEmpty() || !driver.get().is("device")) {
            throw PlugException.of("'" + name + "' is not a valid device model name");
        }
        if (driver.get().isAbstract()) {
            throw PlugException.of("Parameter 'driver' expects a non-abstract device type");
        }
        if (!driver.get().pluggable()) {
            throw PlugException.of("Parameter 'driver' expects a pluggable device type");
        }
        return driver.get();
    }

    private DeviceBus bus(Map<String, JsonValue> request, QomType driver) throws PlugException {
        Optional<String> wanted = text(request, "bus");
        Optional<DeviceBus> full = Optional.empty();
        for (DeviceBus bus : buses) {
            if (wanted.isPresent() ? bus.name().equals(wanted.get()) : bus.accepts(driver)) {
                if (!bus.accepts(driver)) {
                    throw cannotGoOn(driver, bus.type());
                }
                if (!bus.isFull()) {
                    return bus;
                }
                full = Optional.of(bus);
            }
        }
        if (wanted.isPresent() && full.isPresent()) {
            throw PlugException.of("Bus '" + full.get().name() + "' is full");
        }
        throw PlugException.of(
                wanted.isPresent()
                        ? "Bus '" + wanted.get() + "' not found"
                        : "No 'virtio-bus' bus found for device '" + driver.name() + "'");
    }

    private static PlugException cannotGoOn(QomType driver, String bus) {
        return PlugException.of("Device '" + driver.name() + "' can't go on " + bus + " bus");
    }

    /** A string, if there is one: as in QEMU, a value of another type counts as none. */
    private static Optional<String> text(Map<String, JsonValue> request, String name) {
        return request.get(name) instanceof JsonString(String text) ? Optional.of(text) : Optional.empty();
    }

    private boolean known(String id) {
        return exists("/machine/peripheral/" + id);
    }

    private boolean exists(String path) {
        try {
            tree.find(path);
            return true;
        } catch (QomException e) {
            return false;
        }
    }

    private boolean isDevice(String path) {
        try {
            return tree.find(path).type().is("device");
        } catch (QomException e) {
            return false;
        }
    }
}
