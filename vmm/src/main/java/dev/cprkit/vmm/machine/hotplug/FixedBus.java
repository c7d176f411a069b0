package dev.cprkit.vmm.machine.hotplug;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.vmm.qom.QomType;
import java.util.Map;
import java.util.Optional;

/**
 * A bus whose devices are there from the start to the end.
 *
 * @param takes the type of device that goes there
 * @param isFull whether there is no room, not even on the command line
 * @param devices the paths of the devices on it, by their ids
 */
public record FixedBus(String name, String type, String takes, boolean isFull, Map<String, String> devices)
        implements DeviceBus {
    @Override
    public boolean accepts(QomType device) {
        return device.is(takes);
    }

    @Override
    public boolean isHotPluggable() {
        return false;
    }

    @Override
    public void plug(QomType device, Optional<String> id, Map<String, JsonValue> properties) throws PlugException {
        throw fixed();
    }

    @Override
    public void unplug(String id) throws PlugException {
        throw fixed();
    }

    private PlugException fixed() {
        return PlugException.of("Bus '" + name + "' does not support hotplugging");
    }
}
