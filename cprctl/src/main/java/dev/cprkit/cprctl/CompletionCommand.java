package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.cprctl.output.Screen;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code cprctl completion}. */
@Command(
        name = "completion",
        header = "Print a script that completes command lines.",
        description = {
            "It is for bash and zsh. To use it in this shell:",
            "  source <(cprctl completion)",
            "To use it in every shell, write it to ~/.local/share/bash-completion/completions/cprctl.",
            ""
        })
final class CompletionCommand extends Verb {
    @Override
    ExitStatus run(Screen screen) {
        CommandLine whole = commandLine().getParent();
        String script = AutoComplete.bash("cprctl", whole);
        if (screen.json()) {
            screen.document(Json.document("completion").put("script", script));
        } else {
            screen.line(script.stripTrailing());
        }
        return ExitStatus.OK;
    }
}
