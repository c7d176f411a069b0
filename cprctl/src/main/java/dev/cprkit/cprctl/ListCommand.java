package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.api.VmJson;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.NamedFolders;
import dev.cprkit.agent.vm.VmOverview;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Table;
import dev.cprkit.cprctl.output.Words;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cprctl list}. */
@Command(
        name = "list",
        aliases = "ls",
        header = "List the VMs of this host that have a name.",
        description = {"These are the VMs that were launched or adopted. With --quiet only their names are printed.", ""
        })
final class ListCommand extends Verb {
    private static final String NONE = "-";

    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Duration WHOLE = Duration.ofMinutes(2);

    @Option(
            names = "--modes",
            order = 1,
            description =
                    "Wait until each VM is checked for the modes that it could be updated in now. Without it, only"
                            + " those modes are shown that are known after three seconds.")
    private boolean modes;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        NamedFolders.Listing<VmRecord> listing = listing();
        if (screen.quiet() && !screen.json()) {
            listing.vms().forEach(vm -> screen.line(vm.name().text()));
            listing.damaged().forEach(screen::failure);
            return status(listing);
        }
        screen.waitingFor("asking the VMs");
        List<VmOverview> vms = Looking.with(this, screen, look -> look.all(listing.vms(), modes ? WHOLE : SHORT));
        if (screen.json()) {
            json(screen, vms, listing.damaged());
        } else {
            table(screen, vms);
            listing.damaged().forEach(screen::failure);
        }
        return status(listing);
    }

    private static ExitStatus status(NamedFolders.Listing<VmRecord> listing) {
        return listing.damaged().isEmpty() ? ExitStatus.OK : ExitStatus.ATTENTION;
    }

    private NamedFolders.Listing<VmRecord> listing() throws OperationException {
        try {
            return site().registry().list();
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
        }
    }

    private static void json(Screen screen, List<VmOverview> vms, List<String> damaged) {
        ObjectNode document = Json.document("vms");
        ArrayNode list = document.putArray("vms");
        vms.forEach(vm -> list.add(VmJson.part(vm)));
        damaged.forEach(document.putArray("damaged")::add);
        screen.document(document);
    }

    private void table(Screen screen, List<VmOverview> vms) {
        if (vms.isEmpty()) {
            screen.note("No VM has a name here. cprctl launch starts one, cprctl adopt takes one over.");
            return;
        }
        Table table = new Table("VM", "GUEST", "PID", "GEN", "VERSION", "INSTALLED", "MODES", "UPDATED", "PAUSE");
        for (VmOverview vm : vms) {
            Optional<VmStatus> status = vm.status();
            table.row(
                    vm.name().map(Object::toString).orElse(NONE),
                    status.map(VmStatus::runState).orElse(vm.presence().presenceName()),
                    status.map(s -> Long.toString(s.pid())).orElse(NONE),
                    status.map(s -> Integer.toString(s.generation())).orElse(NONE),
                    status.map(s -> release(s.version())).orElse(NONE),
                    installed(vm),
                    StatusText.modes(vm),
                    StatusText.updated(vm, site().clock().instant()),
                    vm.lastPause().map(Words::milliseconds).orElse(NONE));
        }
        table.print(screen);
    }

    private static String installed(VmOverview vm) {
        return switch (vm.program()) {
            case UNKNOWN -> NONE;
            case NEWER, OLDER ->
                vm.installedVersion().map(ListCommand::release).orElse(NONE) + " ("
                        + vm.program().freshnessName() + ")";
            case SAME, REPLACED, DELETED -> vm.program().freshnessName();
        };
    }

    /** A version without its package. */
    private static String release(String version) {
        int space = version.indexOf(' ');
        return space < 0 ? version : version.substring(0, space);
    }
}
