package dev.cprkit.it.man;

import dev.cprkit.agent.ExitStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The page of a command that picocli knows: everything in it is what the command declares. */
final class CommandPage {
    private final CommandSpec spec;
    private final int section;
    private final String version;

    CommandPage(CommandSpec spec, int section, String version) {
        this.spec = spec;
        this.section = section;
        this.version = version;
    }

    /** The page's name: {@code cprctl-update}. */
    String name() {
        return spec.qualifiedName("-");
    }

    /** The file's name. */
    String file() {
        return name() + "." + section;
    }

    /**
     * The page.
     *
     * @param more sections in the man macros that stand before SEE ALSO: examples, files
     * @param seeAlso other pages, as {@code cpr(7)}
     */
    String text(String more, List<String> seeAlso) {
        Roff roff = Roff.page(name(), section, version);
        List<String> description = new ArrayList<>(List.of(spec.usageMessage().description()));
        String first = description.isEmpty() ? "" : plain(description.removeFirst());
        roff.section("NAME").raw(Roff.escape(name()) + " \\- " + Roff.escape(brief(summary(spec))));
        roff.section("SYNOPSIS").line(synopsis());
        roff.section("DESCRIPTION").line(first);
        description(roff, description);
        arguments(roff);
        commands(roff);
        exitStatuses(roff);
        roff.raw(more);
        roff.section("SEE ALSO").line(String.join(", ", seeAlso));
        return roff.toString();
    }

    /** Those that the command declares for itself, else the one table. */
    private void exitStatuses(Roff roff) {
        roff.section("EXIT STATUS");
        Map<String, String> own = spec.usageMessage().exitCodeList();
        if (own.isEmpty()) {
            for (ExitStatus status : ExitStatus.values()) {
                roff.entry(Integer.toString(status.number())).line(status.meaning() + ".");
            }
        } else {
            own.forEach((number, meaning) -> roff.entry(number.strip()).line(meaning.strip() + "."));
        }
    }

    /** What a command is for, in one sentence: its header, or its description where that is all it has. */
    private static String summary(CommandSpec spec) {
        String[] header = spec.usageMessage().header();
        String[] description = spec.usageMessage().description();
        String[] lines = header.length > 0 ? header : description;
        return lines.length == 0 ? "" : plain(lines[0]);
    }

    /** The first sentence as a phrase. */
    private static String brief(String sentence) {
        int end = sentence.indexOf(". ");
        String one = end >= 0 ? sentence.substring(0, end) : sentence;
        one = one.endsWith(".") ? one.substring(0, one.length() - 1) : one;
        return one.isEmpty() ? one : one.substring(0, 1).toLowerCase(Locale.ROOT) + one.substring(1);
    }

    private String synopsis() {
        return new Help(spec, Help.Ansi.OFF).synopsis(0).replaceAll("\\s+", " ").strip();
    }

    private static void description(Roff roff, List<String> lines) {
        boolean open = true;
        for (String line : lines) {
            if (line.isBlank()) {
                open = false;
            } else {
                if (!open) {
                    roff.paragraph();
                    open = true;
                }
                roff.line(plain(line));
            }
        }
    }

    private void arguments(Roff roff) {
        List<PositionalParamSpec> words = spec.positionalParameters().stream()
                .filter(word -> !word.hidden())
                .toList();
        List<OptionSpec> options =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        if (!words.isEmpty() || !options.isEmpty()) {
            roff.section("OPTIONS");
        }
        for (PositionalParamSpec word : words) {
            roff.entry(word.paramLabel());
            explain(roff, word);
        }
        for (OptionSpec option : options) {
            String label = option.arity().max() > 0 ? "=" + option.paramLabel() : "";
            roff.entry(String.join(", ", option.names()) + label);
            explain(roff, option);
        }
    }

    private static void explain(Roff roff, ArgSpec argument) {
        for (String line : argument.description()) {
            roff.line(plain(line).replace("${DEFAULT-VALUE}", Objects.requireNonNullElse(argument.defaultValue(), "")));
        }
    }

    private void commands(Roff roff) {
        if (spec.subcommands().isEmpty()) {
            return;
        }
        roff.section("COMMANDS");
        for (Map.Entry<String, CommandLine> command : spec.subcommands().entrySet()) {
            CommandSpec sub = command.getValue().getCommandSpec();
            if (!sub.usageMessage().hidden()) {
                roff.entry(command.getKey());
                roff.line(summary(sub));
            }
        }
    }

    /** What picocli's descriptions may have in them besides words. */
    private static String plain(String words) {
        return words.replace("%n", " ")
                .replace("%%", "%")
                .replaceAll("@\\|\\S+ ([^|]*)\\|@", "$1")
                .strip();
    }
}
