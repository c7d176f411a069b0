package dev.cprkit.cprctl;

import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at a VM and at what an update would do to it. Leaves nothing changed. */
interface Examiner {
    /**
     * What was found for each mode, the least disruptive first.
     *
     * @param to the next program; empty for the one that runs
     * @throws OperationException if the VM cannot be looked at
     */
    List<ModeReport> check(Path qmp, Optional<Path> to) throws OperationException;

    /**
     * What an update would do, in the first of these modes that is not refused.
     *
     * @throws OperationException if the VM cannot be looked at
     */
    UpdatePreview plan(Path qmp, Optional<Path> to, List<MigMode> modes, PauseHistory history)
            throws OperationException;
}
