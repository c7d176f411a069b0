package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.VmJson;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmOverview;
import dev.cprkit.agent.vm.VmOverview.Presence;
import dev.cprkit.cprctl.output.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl status}. */
@Command(
        name = "status",
        header = "Tell what runs a VM and what its guest does.",
        description = {
            "Also how the program that runs stands to the installed one, the modes that the VM could be updated in"
                    + " now, and its last update. Changes nothing. The exit status is 7 if the VM does not answer.",
            ""
        })
final class StatusCommand extends Verb {
    @Mixin
    private Target target;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        Target.Vm vm = target.resolve(this);
        screen.waitingFor("asking " + vm.qmp());
        VmOverview overview = Looking.with(this, screen, look -> look.of(vm.name(), vm.qmp()));
        if (screen.json()) {
            screen.document(VmJson.of(overview));
        } else if (overview.presence() == Presence.ANSWERS || vm.name().isPresent()) {
            StatusText.print(screen, overview, site().clock().instant());
        }
        if (overview.presence() == Presence.ANSWERS) {
            return ExitStatus.OK;
        }
        if (!screen.json()) {
            screen.failure(overview.problem());
        }
        return ExitStatus.UNREACHABLE;
    }
}
