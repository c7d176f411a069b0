package dev.cprkit.vmm.monitor.hmp;

import java.util.List;
import java.util.Optional;

/** {@code help}: one line for each command, or for the one that is named. */
final class HmpHelp {
    private final HmpRegistry registry;

    HmpHelp(HmpRegistry registry) {
        this.registry = registry;
    }

    /** Adds {@code help}, and {@code info} without a name. */
    static void register(HmpRegistry registry) {
        registry.add(new HmpHelp(registry).command());
        registry.add(HmpCommand.of(
                "info",
                "item:s?",
                "[subcommand]",
                "show various information about the system state",
                (out, arguments) -> infos(registry, out)));
    }

    private HmpCommand command() {
        return HmpCommand.of(List.of("help", "?"), "name:S?", "[cmd]", "show the help", this::help)
                .completing(position -> position == 0 ? List.copyOf(registry.names()) : List.of());
    }

    /** {@code cont|c  -- resume emulation}. */
    private static String describe(String prefix, HmpCommand command) {
        return prefix + command.title() + " " + command.params() + " -- " + command.help();
    }

    /** What {@code info} alone prints. */
    private static void infos(HmpRegistry registry, HmpOutput out) {
        for (HmpCommand command : registry.allInfo()) {
            out.println(describe("info ", command));
        }
    }

    private void help(HmpOutput out, HmpArguments arguments) {
        Optional<String> asked = arguments.optionalString("name");
        if (asked.isEmpty()) {
            for (HmpCommand command : registry.all()) {
                out.println(describe("", command));
            }
            return;
        }
        LineReader words = new LineReader(asked.get());
        String first = words.word().orElse("");
        Optional<String> second = words.word();
        if (!first.equals("info")) {
            show(out, "", registry.find(first), first);
        } else if (second.isEmpty()) {
            infos(registry, out);
        } else {
            show(out, "info ", registry.findInfo(second.get()), "info " + second.get());
        }
    }

    private static void show(HmpOutput out, String prefix, Optional<HmpCommand> command, String asked) {
        out.println(command.isPresent() ? describe(prefix, command.get()) : "unknown command: '" + asked + "'");
    }
}
