package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.Adopt;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cprctl forget}. */
@Command(
        name = "forget",
        header = "Take away a VM's name.",
        description = {
            "A VM that runs goes on running, with its sockets where they are; of one that is gone, its folder is"
                    + " removed. What was done to it stays in the history.",
            ""
        })
final class ForgetCommand extends Verb {
    @Parameters(index = "0", paramLabel = "NAME", description = "The VM's name, as cprctl list shows it.")
    private String name = "";

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        VmName vm = VmName.of(name).orElseThrow(() -> Target.badName(name));
        boolean runs = new Adopt(site().registry(), site().processes(), site().clock()).forget(vm);
        if (screen.json()) {
            screen.document(Json.document("forget").put("vm", vm.text()).put("runs", runs));
        } else {
            screen.line(
                    runs
                            ? "VM " + vm + " runs on without a name; cprctl adopt gives it one again."
                            : "VM " + vm + " was gone, and its folder is removed.");
        }
        return ExitStatus.OK;
    }
}
