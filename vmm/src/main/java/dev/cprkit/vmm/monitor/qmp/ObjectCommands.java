package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.cli.CommandLineException;
import dev.cprkit.vmm.cli.ObjectArguments;
import dev.cprkit.vmm.machine.config.BoardConfig;
import dev.cprkit.vmm.objects.ObjectException;
import dev.cprkit.vmm.objects.UserObjects;

/** Objects that come and go while the machine is there: object-add, object-del. */
public final class ObjectCommands {
    private final UserObjects objects;
    private final BoardConfig board;

    /** @param board says what memory backends default to */
    public ObjectCommands(UserObjects objects, BoardConfig board) {
        this.objects = objects;
        this.board = board;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("object-add", this::add);
        registry.add("object-del", this::remove);
    }

    private JsonValue add(QmpArguments arguments) throws QmpError {
        try {
            objects.add(ObjectArguments.read(arguments.object(), board.memMerge(), board.dumpGuestCore()));
            return new JsonObject();
        } catch (CommandLineException | ObjectException e) {
            throw QmpError.generic(e.getMessage());
        }
    }

    private JsonValue remove(QmpArguments arguments) throws QmpError {
        try {
            objects.remove(arguments.string("id"));
            return new JsonObject();
        } catch (ObjectException e) {
            throw QmpError.generic(e.getMessage());
        }
    }
}
