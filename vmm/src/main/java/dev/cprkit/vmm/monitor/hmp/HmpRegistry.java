package dev.cprkit.vmm.monitor.hmp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The commands that every human monitor of this process knows. Main loop's thread, machine lock held.
 *
 * <p>There are many and most processes never see a human: {@link #later} leaves the making of commands to the first line
 * that is run, so that they cost nothing when a process starts inside a guest's pause.
 */
public final class HmpRegistry {
    private final Map<String, HmpCommand> commands = new TreeMap<>();
    private final Map<String, HmpCommand> infos = new TreeMap<>();
    private final Deque<Consumer<HmpRegistry>> families = new ArrayDeque<>();
    private HmpRegisters registers = name -> OptionalLong.empty();

    /** Adds a command; each of its names is given once. */
    public void add(HmpCommand command) {
        put(commands, command);
    }

    /** Adds a command that is called as {@code info NAME}. */
    public void addInfo(HmpCommand command) {
        put(infos, command);
    }

    /** Adds commands when the first one is looked for. */
    public void later(Consumer<HmpRegistry> family) {
        families.add(family);
    }

    /** Says who knows the registers that expressions name ({@code $pc}). */
    public void registers(HmpRegisters source) {
        registers = source;
    }

    OptionalLong register(String name) {
        return registers.value(name);
    }

    /** The command of that name. */
    public Optional<HmpCommand> find(String name) {
        complete();
        return Optional.ofNullable(commands.get(name));
    }

    /** What {@code info NAME} runs. */
    public Optional<HmpCommand> findInfo(String name) {
        complete();
        return Optional.ofNullable(infos.get(name));
    }

    /** Every command once, by its names. */
    public List<HmpCommand> all() {
        complete();
        return once(commands);
    }

    /** Every {@code info} command once, by its names. */
    public List<HmpCommand> allInfo() {
        complete();
        return once(infos);
    }

    /** All names of commands, sorted. */
    public Collection<String> names() {
        complete();
        return List.copyOf(commands.keySet());
    }

    /** All names of {@code info} commands, sorted. */
    public Collection<String> infoNames() {
        complete();
        return List.copyOf(infos.keySet());
    }

    private void complete() {
        while (!families.isEmpty()) {
            families.removeFirst().accept(this);
        }
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
        list.sort(Comparator.comparing(HmpCommand::title));
        return list;
    }
}
