package dev.cprkit.vmm.monitor.qmp;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The commands that every QMP monitor of this process knows, by name. Filled while the process starts. */
public final class QmpRegistry {
    private final Map<String, QmpCommand> commands = new TreeMap<>();

    /** Adds a command; a name is given once. */
    public void add(String name, QmpCommand command) {
        if (commands.putIfAbsent(name, command) != null) {
            throw new IllegalArgumentException("command " + name + " is registered twice");
        }
    }

    /** The command of that name. */
    public Optional<QmpCommand> find(String name) {
        return Optional.ofNullable(commands.get(name));
    }

    /** All names, sorted. */
    public Collection<String> names() {
        return Collections.unmodifiableCollection(commands.keySet());
    }
}
