package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.monitor.hmp.command.ChardevHmp;
import java.util.ArrayList;
import java.util.List;

/** Reads a chardev as {@code -chardev} does, for a monitor that adds or changes one. Stateless. */
public final class ChardevText implements ChardevHmp.Parser {
    /** What {@code -chardev help} shows. */
    @Override
    public String help() {
        return OptionHelp.chardevs();
    }

    /**
     * Reads {@code BACKEND,id=ID,...}.
     *
     * @throws ChardevException if it cannot be read; the text is the option's
     */
    @Override
    public ChardevConfig read(String text) throws ChardevException {
        List<String> warnings = new ArrayList<>();
        try {
            ChardevConfig config = ChardevOption.read(Properties.flags("", text, "backend", warnings));
            if (config instanceof ChardevConfig.Socket socket && socket.waitForClient()) {
                throw new ChardevException("'wait' cannot be used here: the machine would stand still until a client"
                        + " comes; say wait=off");
            }
            return config;
        } catch (CommandLineException e) {
            throw new ChardevException(e.getMessage());
        }
    }
}
