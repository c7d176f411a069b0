package dev.cprkit.vmm.monitor.hmp;

import java.util.List;
import java.util.Optional;

/** {@code help}: one line for each command, or for the one that is named. */
final class HmpHelp {
    private final HmpRegistry registry;

    HmpHelp(HmpRegistry registry) {
        this.registry = registry;
    }

    HmpCommand command() {
        return new HmpCommand(List.of("help", "?"), "[cmd]", "show the help", this::help);
    }

    /** {@code cont|c  -- resume emulation}. */
    static String describe(String prefix, HmpCommand command) {
        return prefix + String.join("|", command.names()) + " " + command.params() + " -- " + command.help();
    }

    private void help(HmpOutput out, String rest) {
        if (rest.isEmpty()) {
            for (HmpCommand command : registry.all()) {
                out.println(describe("", command));
            }
        } else if (rest.equals("info")) {
            for (HmpCommand command : registry.allInfo()) {
                out.println(describe("info ", command));
            }
        } else if (rest.startsWith("info ")) {
            show(out, "info ", registry.findInfo(rest.substring(5).strip()), rest);
        } else {
            show(out, "", registry.find(rest), rest);
        }
    }

    private static void show(HmpOutput out, String prefix, Optional<HmpCommand> command, String asked) {
        out.println(command.isPresent() ? describe(prefix, command.get()) : "unknown command: '" + asked + "'");
    }
}
