package dev.cprkit.cprctl;

import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverviews;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How list and status look at VMs. */
final class Looking {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int RECENT = 50;

    private Looking() {}

    private static VmOverviews at(Site site, Optional<Site.Operations> operations) {
        return new VmOverviews(
                site.processes(),
                qmp -> usable(site.examiner(), qmp),
                vm -> operations.flatMap(past -> last(past, vm)),
                LIMIT);
    }

    /** Looks with the past of the VMs, or without it if that cannot be had: what they do now can be told all the same. */
    static <T> T with(Verb verb, Screen screen, Function<VmOverviews, T> look) {
        try (Site.Operations operations = verb.operations()) {
            return look.apply(at(verb.site(), Optional.of(operations)));
        } catch (OperationException e) {
            screen.warning("cprctl: earlier updates are not shown: " + e.getMessage());
            return look.apply(at(verb.site(), Optional.empty()));
        }
    }

    private static Optional<List<MigMode>> usable(Examiner examiner, Path qmp) {
        try {
            return Optional.of(examiner.check(qmp, Optional.empty()).stream()
                    .filter(report -> !report.refused())
                    .map(ModeReport::mode)
                    .toList());
        } catch (OperationException e) {
            return Optional.empty();
        }
    }

    private static Optional<Operation.Outcome> last(Site.Operations operations, VmName vm) {
        try {
            return VmOverviews.lastUpdate(operations.service().history(Optional.of(vm), RECENT));
        } catch (OperationException e) {
            return Optional.empty(); // the past is not what was asked for
        }
    }

    /** How long a VM stood still in its latest updates. */
    static PauseHistory pauses(Site.Operations operations, VmName vm) {
        return mode -> {
            try {
                return operations.service().history(Optional.of(vm), RECENT).stream()
                        .flatMap(operation -> operation.outcome().stream())
                        .filter(outcome -> outcome.mode().equals(Optional.of(mode)))
                        .flatMap(outcome -> outcome.pause().stream())
                        .toList();
            } catch (OperationException e) {
                return List.of(); // a prediction less
            }
        };
    }
}
