package dev.cprkit.vmm.machine.hotplug;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.vmm.qom.QomType;
import java.util.Map;
import java.util.Optional;

/**
 * A bus that devices are plugged into. A board that lets devices come and go (a PCIe host, say) has one that is
 * hot-pluggable; this board's virtio-mmio transports are not. Main loop's thread with the machine lock held.
 */
public interface DeviceBus {
    /** Its name, by which device_add asks for it. */
    String name();

    /** What kind of bus it is, as an error names it: {@code virtio-mmio-bus}. */
    String type();

    /** Whether devices of that type go there. */
    boolean accepts(QomType device);

    /** Whether it has no room for another. */
    boolean isFull();

    /** Whether devices can come and go while the guest is there. */
    boolean isHotPluggable();

    /** The paths in the tree of objects of the devices on it, by their ids. */
    Map<String, String> devices();

    /**
     * Makes a device and plugs it in. Everything that holds for any bus has been checked.
     *
     * @param properties what the device is to be set to, all of them properties of its type
     * @throws PlugException if that cannot be; nothing is left of the device
     */
    void plug(QomType device, Optional<String> id, Map<String, JsonValue> properties) throws PlugException;

    /**
     * Asks the guest to let go of a device. When it has, the device's end is told by an event.
     *
     * @throws PlugException if it cannot be asked for that now
     */
    void unplug(String id) throws PlugException;
}
