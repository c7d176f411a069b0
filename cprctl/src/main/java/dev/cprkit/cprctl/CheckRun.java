package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Checks a VM for every mode that was asked for, and prints what was found. */
record CheckRun(Screen screen, Site site) {
    /** The status is that of an update: refused if no mode is left. */
    ExitStatus go(Target.Vm vm, Optional<Path> to, ModeChoice choice) throws OperationException {
        screen.waitingFor("checking " + vm.qmp());
        List<ModeReport> reports = site.examiner().check(vm.qmp(), to).stream()
                .filter(report -> choice.modes().contains(report.mode()))
                .toList();
        Optional<MigMode> best = reports.stream()
                .filter(report -> !report.refused())
                .map(ModeReport::mode)
                .findFirst();
        if (screen.json()) {
            screen.document(CheckJson.of(vm.name(), vm.qmp(), reports));
        } else {
            text(reports, best);
        }
        return best.isPresent() ? ExitStatus.OK : ExitStatus.REFUSED;
    }

    private void text(List<ModeReport> reports, Optional<MigMode> best) {
        for (ModeReport report : reports) {
            screen.line(screen.styled(Style.STRONG, report.mode().qapiName()) + ": "
                    + (report.refused() ? screen.styled(Style.BAD, "refused") : screen.styled(Style.GOOD, "possible")));
            report.findings().stream()
                    .filter(finding -> finding.refuses(report.mode()) || !screen.quiet())
                    .forEach(finding ->
                            screen.line("  " + FindingText.line(screen, finding, finding.weight(report.mode()))));
        }
        if (best.isPresent()) {
            screen.note("An update would take mode " + best.get().qapiName() + ".");
        } else {
            screen.failure("an update would be refused, for what is told above; nothing was done");
        }
    }
}
