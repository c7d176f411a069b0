package dev.cprkit.vmm.cli;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.machine.config.ObjectConfig;

/** Reads what object-add asks for, which is what {@code -object} can ask for in JSON. Stateless. */
public final class ObjectArguments {
    private ObjectArguments() {}

    /**
     * The object.
     *
     * @param arguments the command's; they are known to be of the declared types
     * @param merge the machine's default for {@code merge} of memory backends
     * @param dump the machine's default for {@code dump} of memory backends
     * @throws CommandLineException if it cannot be such an object; the message names no option
     */
    public static ObjectConfig read(JsonObject arguments, boolean merge, boolean dump) throws CommandLineException {
        Properties properties = Properties.arguments(arguments);
        String type = properties.require("qom-type");
        String id = properties.require("id");
        if (!Properties.isIdentifier(id)) {
            throw new CommandLineException("Parameter 'id' expects an identifier");
        }
        if (type.equals("memory-backend-epc")) {
            throw new CommandLineException("invalid object type: memory-backend-epc");
        }
        return ObjectOptions.read(type, id, properties, merge, dump);
    }
}
