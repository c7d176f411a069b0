package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How an update ended.
 *
 * @param state the last state that it reached; empty if it did not get as far as a plan
 * @param message one sentence, or a few, for people
 * @param took from start to end
 * @param findings of all checks, those that only warn too
 * @param command the new process's command line; empty without a plan
 * @param handover who has the guest now; empty unless the new process has it
 * @param output what the new process printed last, if it is gone; often empty
 * @param mode how the guest was to get to the new program; empty if none was chosen
 * @param previous the program that had the guest when the update began; empty if nobody answered
 * @param program the program that has it now, if that is another process's or another one; else empty
 */
public record UpdateResult(
        ExitStatus status,
        Optional<UpdateState> state,
        String message,
        Duration took,
        List<Finding> findings,
        List<String> command,
        Optional<Handover> handover,
        String output,
        Optional<MigMode> mode,
        Optional<Operation.Program> previous,
        Optional<Operation.Program> program) {

    /**
     * From whom to whom the guest went.
     *
     * @param newPid the same in cpr-exec
     * @param runState of the guest in the new process
     * @param qmp the new process's monitor
     * @param links from the path that clients know to the new generation's; empty until the old process is gone
     * @param pause empty if the guest was not running
     */
    public record Handover(
            long oldPid,
            long newPid,
            String runState,
            Path qmp,
            List<PathMove> moves,
            List<Path> links,
            Path log,
            Optional<Pause> pause) {}
}
