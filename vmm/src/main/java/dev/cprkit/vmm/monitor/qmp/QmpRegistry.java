package dev.cprkit.vmm.monitor.qmp;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The commands that every QMP monitor of this process knows, by name. Filled while the process starts. */
public final class QmpRegistry {
    private final Map<String, QmpCommand> commands = new TreeMap<>();
    private final Set<String> outOfBand = new HashSet<>();

    /** Adds a command; a name is given once. */
    public void add(String name, QmpCommand command) {
        if (commands.putIfAbsent(name, command) != null) {
            throw new IllegalArgumentException("command " + name + " is registered twice");
        }
    }

    /** Adds a command that may also be executed out of band ({@code exec-oob}): it must return at once. */
    public void addOutOfBand(String name, QmpCommand command) {
        add(name, command);
        outOfBand.add(name);
    }

    /** Whether the command may be executed out of band. */
    public boolean isOutOfBand(String name) {
        return outOfBand.contains(name);
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
