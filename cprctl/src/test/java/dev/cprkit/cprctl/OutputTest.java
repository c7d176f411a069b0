package dev.cprkit.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.update.Pause;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.update.UpdateStep;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
    private static final UpdateStep STEP =
            new UpdateStep(UpdateState.STAGED, Duration.ofNanos(1_234_567_890), "process 8 waits");
    private static final Finding FINDING = new Finding(Finding.Code.BLOCKED, "the VM", "it refuses", "ask again");
    private static final UpdateResult DONE = result(
            ExitStatus.OK,
            "the guest is running in process 8",
            Optional.of(new UpdateResult.Handover(
                    7,
                    8,
                    "running",
                    Path.of("/r/vm.g1.qmp"),
                    List.of(new PathMove("qmp", Kind.SOCKET, "/r/vm.qmp", "/r/vm.g1.qmp", "/r/vm.qmp")),
                    List.of(Path.of("/r/vm.qmp")),
                    Path.of("/r/vm.g1.qmp.log"),
                    Optional.of(new Pause(Duration.ofNanos(6_180_400), Pause.Source.EVENTS, Optional.empty())))),
            "");
    private static final UpdateResult FAILED =
            result(ExitStatus.FAILED, "the new process ended", Optional.empty(), "bad option\nbye");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static UpdateResult result(
            ExitStatus status, String message, Optional<UpdateResult.Handover> handover, String printed) {
        UpdateState state = handover.isPresent() ? UpdateState.COMMITTED : UpdateState.ABORTED;
        return new UpdateResult(
                status,
                Optional.of(state),
                message,
                Duration.ofMillis(800),
                List.of(),
                List.of("/bin/vmm", "-append", "a b'c"),
                handover,
                printed);
    }

    private UpdateOutput output(boolean json) {
        return UpdateOutput.of(json, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    @Test
    void text() {
        UpdateOutput output = output(false);
        output.entered(STEP);
        output.found(FINDING);
        output.ended(DONE);
        assertThat(out.toString()).isEqualTo("""
               1.235 s  staged       process 8 waits
            The guest is running in process 8; it was in process 7.
            The guest paused for 6.180 ms, measured between the events STOP and RESUME.
              qmp        /r/vm.g1.qmp
              link       /r/vm.qmp
            """);
        assertThat(err.toString()).isEqualTo("refused: the VM: it refuses; ask again [blocked]\n");
    }

    @Test
    void textOfAFailureShowsWhatTheNewProcessPrinted() {
        output(false).ended(FAILED);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .isEqualTo("cprctl: the new process ended\nThe new process printed:\n  bad option\n  bye\n");
    }

    @Test
    void textOfACheckQuotesTheCommandForAShell() {
        output(false).checked(DONE);
        assertThat(out.toString()).endsWith("  /bin/vmm -append 'a b'\\''c'\n");
    }

    @Test
    void json() {
        UpdateOutput output = output(true);
        output.entered(STEP);
        output.found(FINDING);
        output.ended(DONE);
        assertThat(out.toString()).isEqualTo("""
            {"phase":"staged","elapsed-ms":1234.567,"detail":"process 8 waits"}
            {"finding":"blocked","refuses":true,"subject":"the VM","problem":"it refuses","remedy":"ask again"}
            {"result":"ok","exit-status":0,"state":"committed","message":"the guest is running in process 8",\
            "elapsed-ms":800.0,"old-pid":7,"new-pid":8,"run-state":"running","qmp":"/r/vm.g1.qmp",\
            "log":"/r/vm.g1.qmp.log","paths":[{"label":"qmp","from":"/r/vm.qmp","to":"/r/vm.g1.qmp",\
            "base":"/r/vm.qmp"}],"links":["/r/vm.qmp"],"pause-ns":6180400,"pause-source":"events"}
            """);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void jsonOfAFailure() {
        output(true).ended(FAILED);
        assertThat(out.toString())
                .contains("\"result\":\"failed\",\"exit-status\":1")
                .contains("\"output\":\"bad option\\nbye\"")
                .doesNotContain("new-pid");
    }
}
