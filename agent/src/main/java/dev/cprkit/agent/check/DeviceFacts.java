package dev.cprkit.agent.check;

import dev.cprkit.agent.hotplug.Hotplugged;
import java.util.List;
import java.util.Map;

/**
 * What the old VM says about its devices and what is behind them.
 *
 * @param plugged made by {@code -device} or {@code device_add}
 * @param objects ids of objects made by {@code -object} or {@code object-add}
 * @param chardevs from label to where it leads
 * @param disks images that are in use
 * @param nodes names of block nodes that were not made up by the program
 * @param hotplugged what was added while it ran, and how the new process gets it too
 */
public record DeviceFacts(
        List<Device> plugged,
        List<String> objects,
        Map<String, String> chardevs,
        List<Disk> disks,
        List<String> nodes,
        Hotplugged hotplugged) {
    public DeviceFacts {
        plugged = List.copyOf(plugged);
        objects = List.copyOf(objects);
        chardevs = Map.copyOf(chardevs);
        disks = List.copyOf(disks);
        nodes = List.copyOf(nodes);
    }

    /**
     * A device.
     *
     * @param id empty if it has none
     */
    public record Device(String id, String type) {
        /** How messages name it. */
        String text() {
            return id.isEmpty() ? "a device " + type : "device " + id + " (" + type + ")";
        }
    }

    /**
     * A disk, or another drive that has an image in it.
     *
     * @param name of the drive, or the path of the device that has it
     * @param node the block node's name; one that the program made up begins with {@code #}
     * @param file the image, as the program names it: a path, {@code nbd://…}, {@code json:…}
     * @param driver of the lowest node
     */
    public record Disk(String name, String node, String file, String driver) {}
}
