package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.Adopt;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.cprctl.output.Screen;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cprctl adopt}. */
@Command(
        name = "adopt",
        header = "Give a name to a VM that runs already.",
        description = {"The VM itself is not touched.", ""})
final class AdoptCommand extends Verb {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Parameters(index = "0", paramLabel = "NAME", description = "The VM's name from now on.")
    private String name = "";

    @Option(
            names = "--qmp",
            order = 1,
            required = true,
            paramLabel = "PATH",
            description = "The VM's QMP socket: the path in its -qmp or -chardev option.")
    private Path qmp = Path.of("");

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        VmName vm = VmName.of(name).orElseThrow(() -> wrong("'" + name + "' cannot be a VM's name: " + VmName.rule()));
        screen.waitingFor("asking " + qmp);
        VmRecord record = new Adopt(site().registry(), site().processes(), site().clock())
                .adopt(vm, site().directory().resolve(qmp), LIMIT);
        if (screen.json()) {
            screen.document(Json.document("adopt")
                    .put("vm", vm.text())
                    .put("qmp", record.qmp().toString()));
        } else {
            screen.line("The VM at " + record.qmp() + " has the name " + vm + " now.");
        }
        return ExitStatus.OK;
    }
}
