package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Looks from this process. */
record LocalExaminer(ProcessHost host, Duration limit) implements Examiner {
    @Override
    public List<ModeReport> check(Path qmp, Optional<Path> to) throws OperationException {
        try {
            return CheckReport.of(qmp, to, host, limit).modes();
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }

    @Override
    public UpdatePreview plan(Path qmp, Optional<Path> to, List<MigMode> modes, PauseHistory history)
            throws OperationException {
        try {
            return UpdatePreview.of(qmp, to, modes, host, history, limit);
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }
}
