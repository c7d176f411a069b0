package dev.cprkit.vmm.monitor.hmp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The commands that every human monitor of this process knows. Filled while the process starts. */
public final class HmpRegistry {
    private final Map<String, HmpCommand> commands = new TreeMap<>();
    private final Map<String, HmpCommand> infos = new TreeMap<>();

    /** Adds a command; each of its names is given once. */
    public void add(HmpCommand command) {
        put(commands, command);
    }

    /** Adds a command that is called as {@code info NAME}. */
    public void addInfo(HmpCommand command) {
        put(infos, command);
    }

    /** The command of that name. */
    public Optional<HmpCommand> find(String name) {
        return Optional.ofNullable(commands.get(name));
    }

    /** What {@code info NAME} runs. */
    public Optional<HmpCommand> findInfo(String name) {
        return Optional.ofNullable(infos.get(name));
    }

    /** Every command once, by name. */
    public List<HmpCommand> all() {
        return once(commands);
    }

    /** Every {@code info} command once, by name. */
    public List<HmpCommand> allInfo() {
        return once(infos);
    }

    /** All names of commands, sorted. */
    public Collection<String> names() {
        return List.copyOf(commands.keySet());
    }

    /** All names of {@code info} commands, sorted. */
    public Collection<String> infoNames() {
        return List.copyOf(infos.keySet());
    }

    private static void put(Map<String, HmpCommand> map, HmpCommand command) {
        for (String name : command.names()) {
            if (map.putIfAbsent(name, command) != null) {
                throw new IllegalArgumentException("command " + name + " is registered twice");
            }
        }
    }

    private static List<HmpCommand> once(Map<String, HmpCommand> map) {
        List<HmpCommand> list = new ArrayList<>();
        for (Map.Entry<String, HmpCommand> entry : map.entrySet()) {
            if (entry.getValue().name().equals(entry.getKey())) {
                list.add(entry.getValue());
            }
        }
        return list;
    }
}
