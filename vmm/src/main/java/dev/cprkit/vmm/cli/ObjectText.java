package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.BoardConfig;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.monitor.hmp.command.ObjectHmp;
import dev.cprkit.vmm.objects.ObjectException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads objects and devices as {@code -object} and {@code -device} do, for a monitor that adds one. Stateless. */
public final class ObjectText implements ObjectHmp.Parser {
    private static final String IDENTIFIER_HINT =
            "\nIdentifiers consist of letters, digits, '-', '.', '_', starting with a letter.";

    private final BoardConfig board;

    /** @param board says what memory backends default to */
    public ObjectText(BoardConfig board) {
        this.board = board;
    }

    @Override
    public ObjectConfig object(String text) throws ObjectException {
        try {
            Properties properties =
                    text.startsWith("{") ? Properties.json("", text) : Properties.keyval("", text, "qom-type");
            String type = properties.require("qom-type");
            if (!ObjectHelp.exists(type)) {
                throw new ObjectException("Parameter 'qom-type' does not accept value '" + type + "'");
            }
            String id = properties.require("id");
            if (!Properties.isIdentifier(id)) {
                throw new ObjectException("Parameter 'id' expects an identifier" + IDENTIFIER_HINT);
            }
            return ObjectOptions.read(type, id, properties, board.memMerge(), board.dumpGuestCore());
        } catch (CommandLineException e) {
            throw new ObjectException(e.getMessage());
        }
    }

    @Override
    public Map<String, String> options(String text, String implied) throws ObjectException {
        try {
            Properties properties = Properties.flags("", text, implied, new ArrayList<>());
            Map<String, String> options = new LinkedHashMap<>();
            for (String name : List.copyOf(properties.names())) {
                options.put(name, properties.require(name));
            }
            return options;
        } catch (CommandLineException e) {
            throw new ObjectException(e.getMessage());
        }
    }

    @Override
    public Optional<String> help(String text) {
        if (text.equals("help") || text.equals("?")) {
            return Optional.of(ObjectHelp.TYPES);
        }
        return text.endsWith(",help") ? ObjectHelp.properties(text.substring(0, text.length() - 5)) : Optional.empty();
    }
}
