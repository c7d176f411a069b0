package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.proto.client.QmpException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cprctl hmp}. */
@Command(
        name = "hmp",
        customSynopsis = {"cprctl hmp [OPTIONS] VM COMMAND...", "      cprctl hmp [OPTIONS] --qmp PATH COMMAND..."},
        header = "Have a VM's human monitor carry out a command.",
        description = {
            "Prints what it says. A word that begins with a dash goes after --, as in: cprctl hmp web -- info migrate"
                    + " -a",
            "",
            "The human monitor has no errors that a program could tell from answers, so the exit status is 0 for both.",
            ""
        })
final class HmpCommand extends Verb {
    @Mixin
    private MonitorTarget target;

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "[VM] COMMAND",
            description = "The VM's name, and the words of the command.")
    private List<String> words = new ArrayList<>();

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        MonitorTarget.Words given = target.split(this, words);
        if (given.rest().isEmpty()) {
            throw wrong("say which command, for example: info status");
        }
        screen.waitingFor("waiting for the VM's answer");
        try (var qmp = MonitorTarget.connect(given.vm())) {
            String answer = qmp.execute(
                            "human-monitor-command",
                            JsonNodeFactory.instance.objectNode().put("command-line", String.join(" ", given.rest())),
                            MonitorTarget.LIMIT)
                    .asText();
            if (screen.json()) {
                screen.document(Json.document("hmp").put("return", answer));
            } else if (!answer.isEmpty()) {
                screen.line(answer.replace("\r\n", "\n").stripTrailing());
            }
            return ExitStatus.OK;
        } catch (QmpException e) {
            throw MonitorTarget.failure(e);
        }
    }
}
