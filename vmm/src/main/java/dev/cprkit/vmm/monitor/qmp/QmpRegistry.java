package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.vmm.monitor.qapi.QapiCheck;
import dev.cprkit.vmm.monitor.qapi.QapiCommand;
import dev.cprkit.vmm.monitor.qapi.QapiSchema;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The commands that every QMP monitor of this process knows, by name. Filled while the process starts; any thread then.
 *
 * <p>What a command takes and returns is declared in {@link QapiSchema}'s files under its name; its code is called only
 * with arguments that were held against that declaration, so it checks what a declaration cannot say and no more.
 */
public final class QmpRegistry {
    private final QapiSchema schema = QapiSchema.instance();
    private final Map<String, QmpCommand> commands = new TreeMap<>();
    private final Map<String, QmpSlowCommand> slow = new TreeMap<>();
    private final Set<String> outOfBand = new HashSet<>();

    /** Adds a command; a name is given once. */
    public void add(String name, QmpCommand command) {
        if (slow.containsKey(name) || commands.putIfAbsent(name, command) != null) {
            throw new IllegalArgumentException("command " + name + " is registered twice");
        }
    }

    /** Adds a command whose reply comes later; a name is given once. */
    public void addSlow(String name, QmpSlowCommand command) {
        if (commands.containsKey(name) || slow.putIfAbsent(name, command) != null) {
            throw new IllegalArgumentException("command " + name + " is registered twice");
        }
    }

    /**
     * Adds a command that may also be executed out of band ({@code exec-oob}), which its declaration says too: it must
     * return at once, and may be called by a monitor's own thread without the machine lock.
     */
    public void addOutOfBand(String name, QmpCommand command) {
        add(name, command);
        outOfBand.add(name);
    }

    /** Whether the command may be executed out of band. */
    public boolean isOutOfBand(String name) {
        return outOfBand.contains(name);
    }

    /** The command of that name; it refuses arguments that are not as they are declared. */
    public Optional<QmpCommand> find(String name) {
        QmpCommand command = commands.get(name);
        if (command == null) {
            return Optional.empty();
        }
        Optional<QapiCommand> declared = schema.command(name);
        return Optional.of(declared.isEmpty() ? command : arguments -> execute(declared.get(), command, arguments));
    }

    /** The command of that name whose reply comes later; it refuses arguments that are not as they are declared. */
    public Optional<QmpSlowCommand> findSlow(String name) {
        QmpSlowCommand command = slow.get(name);
        if (command == null) {
            return Optional.empty();
        }
        Optional<QapiCommand> declared = schema.command(name);
        return Optional.of((arguments, reply) -> {
            if (declared.isPresent()) {
                check(declared.get(), arguments);
            }
            command.begin(arguments, reply);
        });
    }

    /** The arguments of qmp_capabilities, which every monitor executes for itself, held against its declaration. */
    QmpArguments negotiation(QmpArguments arguments) throws QmpError {
        check(schema.command("qmp_capabilities").orElseThrow(), arguments);
        return arguments;
    }

    private static void check(QapiCommand declared, QmpArguments arguments) throws QmpError {
        try {
            QapiCheck.check(declared.arguments(), arguments.object());
        } catch (QapiCheck.Mismatch e) {
            throw QmpError.generic(e.getMessage());
        }
    }

    private static JsonValue execute(QapiCommand declared, QmpCommand command, QmpArguments arguments) throws QmpError {
        check(declared, arguments);
        JsonValue result = command.execute(arguments);
        assert returnsWhatItDeclares(declared, result);
        return result;
    }

    /** For tests, which run with assertions: a reply that the schema does not describe is a mistake of ours. */
    private static boolean returnsWhatItDeclares(QapiCommand declared, JsonValue result) {
        try {
            QapiCheck.check(declared.result(), result);
            return true;
        } catch (QapiCheck.Mismatch e) {
            throw new AssertionError("the reply of " + declared.name() + " is not as declared: " + e.getMessage(), e);
        }
    }

    /** All names, sorted. */
    public Collection<String> names() {
        Set<String> names = new TreeSet<>(commands.keySet());
        names.addAll(slow.keySet());
        return Collections.unmodifiableCollection(names);
    }
}
