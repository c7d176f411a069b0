package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.cprctl.output.Screen;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** {@code cprctl help}. */
@Command(
        name = "help",
        header = "Tell about cprctl, or about one of its commands.",
        description = {"The same as --help.", ""})
final class HelpCommand extends Verb {
    @Parameters(index = "0", arity = "0..1", paramLabel = "COMMAND", description = "The command to tell about.")
    private Optional<String> name = Optional.empty();

    @Override
    ExitStatus run(Screen screen) {
        CommandLine about = about(commandLine().getParent());
        if (screen.json()) {
            screen.document(document(about));
        } else {
            StringWriter text = new StringWriter();
            about.usage(new PrintWriter(text, true), commandLine().getColorScheme());
            screen.line(text.toString().stripTrailing());
        }
        return ExitStatus.OK;
    }

    private CommandLine about(CommandLine whole) {
        if (name.isEmpty()) {
            return whole;
        }
        return Optional.ofNullable(whole.getSubcommands().get(name.get()))
                .orElseThrow(
                        () -> wrong("there is no command '" + name.get() + "'; cprctl help lists those there are"));
    }

    private static ObjectNode document(CommandLine about) {
        var spec = about.getCommandSpec();
        ObjectNode document = Json.document("help")
                .put("command", spec.qualifiedName())
                .put(
                        "description",
                        String.join("\n", spec.usageMessage().description()).strip());
        ArrayNode options = document.putArray("options");
        for (OptionSpec option : spec.options()) {
            ObjectNode one = options.addObject();
            List.of(option.names()).forEach(one.putArray("names")::add);
            one.put("value", option.arity().max() > 0 ? option.paramLabel() : "")
                    .put("description", String.join(" ", option.description()));
        }
        ArrayNode commands = document.putArray("commands");
        about.getSubcommands().keySet().forEach(commands::add);
        return document;
    }
}
