package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.cprctl.output.Screen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cprctl reboot-save}. */
@Command(
        name = "reboot-save",
        header = "Save VMs, so that the host can restart.",
        description = {
            "Ends their processes too. After the restart, reboot-restore starts them again in the same order and"
                    + " states. Memory in files that outlive the restart stays where it is; other memory is copied.",
            "",
            "The exit status is 6 if all were saved. At the first that cannot be saved it stops, and those that follow"
                    + " run on.",
            ""
        })
final class RebootSaveCommand extends Verb {
    @Parameters(index = "0..*", arity = "0..*", paramLabel = "VM", description = "The VMs' names.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            order = 1,
            description = "All VMs of this host that have a name.")
    private boolean all;

    @Option(
            names = "--deadline",
            order = 2,
            paramLabel = "S",
            defaultValue = "600",
            description = "Let a VM run on if it is not saved after so many seconds (default: 600).")
    private int deadline;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        if (all == !names.isEmpty()) {
            throw wrong(all ? "give VMs or --all, not both" : "say which VMs, or --all");
        }
        try (Site.Operations operations = operations()) {
            return new RebootRun(this, screen, operations, wait, deadline)
                    .go(OperationKind.SAVE, vms(), ExitStatus.SAVED);
        }
    }

    private List<VmName> vms() throws OperationException {
        try {
            if (all) {
                return site().registry().list().vms().stream()
                        .map(VmRecord::name)
                        .toList();
            }
            List<VmName> vms = new ArrayList<>();
            for (String name : names) {
                vms.add(Target.known(name, site().registry()).name());
            }
            return vms;
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
        }
    }
}
