package dev.cprkit.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** update, and what it shares with rollback, cancel, commit and log. */
@Timeout(60)
class UpdateCommandTest {
    private static final VmName WEB = new VmName("web");
    private static final Finding NOTE =
            new Finding(Finding.Code.STDIO_CHARDEV, "serial0", "it is on a terminal", "use a socket");

    @TempDir
    private Path folder;

    private FakeSite site;

    @BeforeEach
    void start() throws Exception {
        site = new FakeSite(folder);
        site.add("web");
    }

    private OperationSpec begun() {
        assertThat(site.operations.begun).hasSize(1);
        return site.operations.begun.getFirst();
    }

    @Test
    void everyOptionGetsIntoTheSpec() {
        assertThat(site.run(
                        "update",
                        "web",
                        "--to",
                        "bin/vmm",
                        "--mode",
                        "exec",
                        "--pause-budget",
                        "50",
                        "--probation",
                        "7",
                        "--deadline",
                        "90",
                        "--id",
                        "wave-1"))
                .isZero();
        assertThat(begun())
                .isEqualTo(new OperationSpec(
                        OperationKind.UPDATE,
                        WEB,
                        Optional.of(folder.resolve("bin/vmm")),
                        ModeChoice.EXEC,
                        Optional.of(Duration.ofMillis(50)),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(90)));
        assertThat(site.operations.find("wave-1")).isPresent();
    }

    @Test
    void withoutOptionsTheSpecIsThePlainOne() {
        assertThat(site.run("update", "web")).isZero();
        assertThat(begun()).isEqualTo(OperationSpec.of(OperationKind.UPDATE, WEB));
    }

    @Test
    void text() {
        site.operations.findings = List.of(NOTE);
        assertThat(site.run("update", "web", "--vmm", "/opt/2/vmm", "--id", "a1"))
                .isZero();
        assertThat(site.out()).isEqualTo("""
               0.250 s  planned      process 7 to generation 1
               1.235 s  running-new  in process 8
            The guest is running in process 8.
            The guest paused for 6.180 ms.
            It runs in /opt/2/vmm, version 11.2.
            It ran in /opt/1/vmm, version 11.1; cprctl rollback brings it back there.
            """);
        assertThat(site.err())
                .isEqualTo("note: serial0: it is on a terminal; use a socket [stdio-chardev]\noperation a1\n");
    }

    @Test
    void quietIsOnlyTheResult() {
        site.operations.findings = List.of(NOTE);
        assertThat(site.run("update", "web", "-q")).isZero();
        assertThat(site.out()).isEqualTo("The guest is running in process 8.\nThe guest paused for 6.180 ms.\n");
        assertThat(site.err()).isEmpty();
    }

    @Test
    void jsonIsOneDocument() {
        assertThat(site.run("update", "web", "--json", "--id", "a1")).isZero();
        assertThat(site.out().lines()).hasSize(1);
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"operation\",\"id\":\"a1\",\"vm\":\"web\","
                        + "\"status\":\"ok\",\"exit-status\":0,\"state\":\"running-new\"")
                .contains("\"pause-ms\":6.1804");
        assertThat(site.err()).isEmpty();
    }

    @Test
    void jsonWithFollowIsALineForEachEvent() {
        site.operations.findings = List.of(NOTE);
        assertThat(site.run("update", "web", "--json", "--follow", "--id", "a1"))
                .isZero();
        assertThat(site.out().lines())
                .hasSize(4)
                .allMatch(line -> line.startsWith("{\"schema\":\"cprkit/1\",\"type\":\""));
        assertThat(site.out().lines().findFirst())
                .contains("{\"schema\":\"cprkit/1\",\"type\":\"step\",\"operation\":\"a1\",\"state\":\"planned\","
                        + "\"at\":\"2026-02-03T12:00:00Z\",\"elapsed-ms\":250,\"detail\":\"process 7 to generation"
                        + " 1\"}");
        assertThat(site.out()).contains("\"type\":\"finding\",\"operation\":\"a1\",\"code\":\"stdio-chardev\"");
    }

    @ParameterizedTest
    @EnumSource(ExitStatus.class)
    void theExitStatusIsTheOperations(ExitStatus status) {
        site.operations.next = Optional.of(FakeOperations.outcome(status, "so it ended"));
        assertThat(site.run("update", "web", "--json")).isEqualTo(status.number());
        assertThat(site.run("update", "web")).isEqualTo(status.number());
        boolean good = status == ExitStatus.OK || status == ExitStatus.SAVED;
        assertThat(site.err().contains("cprctl: so it ended")).isEqualTo(!good);
        assertThat(site.out().contains("So it ended.")).isEqualTo(good);
        assertThat(site.err().contains("The new process printed:\n  bad option\n  bye\n"))
                .isEqualTo(status != ExitStatus.OK);
    }

    @Test
    void aRefusalToBeginIsTold() {
        site.operations.refusal =
                Optional.of(new OperationException(ExitStatus.CONFLICT, "operation x of web is under way"));
        assertThat(site.run("update", "web")).isEqualTo(ExitStatus.CONFLICT.number());
        assertThat(site.err()).isEqualTo("cprctl: operation x of web is under way\n");
    }

    @Test
    void theWaitForAnAgentEndsWithStatus8AndTheOperationGoesOn() {
        site.agent = true;
        site.operations.next = Optional.empty();
        assertThat(site.run("update", "web", "--timeout", "5", "--id", "a1")).isEqualTo(8);
        assertThat(site.operations.waits).containsExactly(Duration.ofSeconds(5));
        assertThat(begun().timeout()).isEqualTo(OperationSpec.DEFAULT_TIMEOUT);
        assertThat(site.err())
                .isEqualTo("cprctl: operation a1 of web still goes on, in the agent; cprctl log a1 --follow waits for"
                        + " its end\n");
    }

    @Test
    void withoutAnAgentTheOperationItselfEndsWithTheWait() {
        site.agent = true;
        assertThat(site.run("update", "web", "--timeout", "5", "--no-agent")).isZero();
        assertThat(site.agentAllowed).isFalse();
        assertThat(begun().timeout()).isEqualTo(Duration.ofSeconds(5));
        site.operations.begun.clear();
        assertThat(site.run("update", "web", "--timeout", "500", "--no-agent")).isZero();
        assertThat(begun().timeout()).isEqualTo(OperationSpec.DEFAULT_TIMEOUT);
    }

    @Test
    void aVmByItsSocketIsManagedForTheOperationOnly() throws Exception {
        Path qmp = folder.resolve("other.g2.qmp");
        assertThat(site.run("update", "--qmp", qmp.toString())).isZero();
        VmName name = QmpName.of(folder.resolve("other.qmp"));
        assertThat(name.text()).startsWith("qmp-other.qmp-").hasSize("qmp-other.qmp-".length() + 12);
        assertThat(begun().vm()).isEqualTo(name);
        assertThat(site.registry().find(name)).isEmpty();
        assertThat(site.run("history", "--qmp", folder.resolve("other.qmp").toString()))
                .isZero();
        assertThat(site.out()).contains(name.text());
    }

    @Test
    void aVmByItsSocketThatGoesOnStaysManaged() throws Exception {
        site.agent = true;
        site.operations.next = Optional.empty();
        assertThat(site.run("update", "--qmp", "other.qmp", "--timeout", "0")).isEqualTo(8);
        VmName name = QmpName.of(folder.resolve("other.qmp"));
        assertThat(site.registry().find(name)).isPresent();
        assertThat(site.run("cancel", "--qmp", "other.qmp")).isZero();
        assertThat(site.operations.cancelled).hasSize(1);
    }

    @Test
    void aManagedVmIsFoundByItsSocket() {
        assertThat(site.run("update", "--qmp", folder.resolve("web.qmp").toString()))
                .isZero();
        assertThat(begun().vm()).isEqualTo(WEB);
    }

    @Test
    void rollbackIsAnOperationOfItsOwn() {
        assertThat(site.run("rollback", "web", "--mode", "cpr-exec")).isZero();
        assertThat(begun().kind()).isEqualTo(OperationKind.ROLLBACK);
        assertThat(begun().mode()).isEqualTo(ModeChoice.EXEC);
        assertThat(site.operations.cancelled).isEmpty();
    }

    @Test
    void rollbackDuringProbationEndsIt() {
        OperationSpec spec = new OperationSpec(
                OperationKind.UPDATE,
                WEB,
                Optional.empty(),
                ModeChoice.AUTO,
                Optional.empty(),
                Duration.ofSeconds(60),
                OperationSpec.DEFAULT_TIMEOUT);
        site.operations.all.add(FakeOperations.operation("p1", spec, List.of(), Optional.empty()));
        site.operations.afterwards = FakeOperations.outcome(ExitStatus.ROLLED_BACK, "the guest is back");
        assertThat(site.run("rollback", "web")).isZero();
        assertThat(site.operations.cancelled).containsExactly("p1");
        assertThat(site.operations.begun).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"cancel, 0", "commit, 4"})
    void cancelAndCommit(String command, int status) {
        OperationSpec spec = OperationSpec.of(OperationKind.UPDATE, WEB);
        for (String argument : List.of("p1", "web")) {
            site.operations.all.clear();
            site.operations.all.add(FakeOperations.operation("p1", spec, List.of(), Optional.empty()));
            assertThat(site.run(command, argument)).isEqualTo(status);
        }
        assertThat(command.equals("cancel") ? site.operations.cancelled : site.operations.committed)
                .containsExactly("p1", "p1");
        assertThat(site.run(command, "p1")).isEqualTo(ExitStatus.CONFLICT.number());
        assertThat(site.err())
                .isEqualTo("cprctl: operation p1 of web has ended already: it was cancelled; the guest is in the old"
                        + " process\n");
        assertThat(site.run(command, "p2")).isEqualTo(ExitStatus.USAGE.number());
        assertThat(site.err())
                .isEqualTo("cprctl: there is no operation p2, and no VM of that name has had one; cprctl history"
                        + " shows those there are\n");
    }

    @Test
    void logShowsTheStory() {
        Operation.Outcome failed = FakeOperations.outcome(ExitStatus.ABORTED, "the new process ended");
        OperationSpec spec = OperationSpec.of(OperationKind.UPDATE, WEB);
        site.operations.all.add(FakeOperations.operation("p1", spec, List.of(NOTE), Optional.of(failed)));
        assertThat(site.run("log", "web")).isZero();
        assertThat(site.out()).isEqualTo("""
            Operation p1: update of web, began 2026-02-03T12:00:00Z, asked for by me through cprctl.
               0.250 s  planned      process 7 to generation 1
               1.235 s  running-new  in process 8
            """);
        assertThat(site.err())
                .startsWith("note: serial0")
                .contains("cprctl: the new process ended\n")
                .endsWith("  bye\n");
        assertThat(site.run("log", "p1", "--follow")).isEqualTo(ExitStatus.ABORTED.number());
        assertThat(site.run("log", "p1", "--json")).isZero();
        assertThat(site.out()).startsWith("{\"schema\":\"cprkit/1\",\"type\":\"operation\",\"id\":\"p1\"");
    }

    @Test
    void historyIsATable() {
        site.run("update", "web", "--id", "a1");
        site.agent = true;
        site.operations.next = Optional.empty();
        site.run("update", "web", "--id", "a2", "--to", "/opt/3/vmm", "--mode", "reboot");
        assertThat(site.run("history", "web")).isZero();
        assertThat(site.out()).isEqualTo("""
            BEGAN                 OPERATION  VM   KIND    MODE      RESULT          PAUSE     PROGRAM
            2026-02-03T12:00:00Z  a2         web  update  reboot    running-new...  -         /opt/3/vmm
            2026-02-03T12:00:00Z  a1         web  update  transfer  ok              6.180 ms  /opt/2/vmm
            """);
        assertThat(site.run("history", "--limit", "1", "--json")).isZero();
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"operations\",\"operations\":[{\"id\":\"a2\"");
        assertThat(site.run("history", "gone")).isZero();
        assertThat(site.err()).isEqualTo("Nothing was done to gone yet.\n");
    }

    @Test
    void savesStopAtTheFirstThatFails() throws Exception {
        site.add("db");
        site.operations.next = Optional.of(FakeOperations.outcome(ExitStatus.SAVED, "its state is saved"));
        assertThat(site.run("reboot-save", "--all")).isEqualTo(ExitStatus.SAVED.number());
        assertThat(site.operations.begun)
                .extracting(spec ->
                        spec.kind() + " " + spec.vm() + " " + spec.timeout().toSeconds())
                .containsExactly("SAVE db 600", "SAVE web 600");
        site.operations.begun.clear();
        site.operations.next = Optional.of(FakeOperations.outcome(ExitStatus.ABORTED, "no room"));
        assertThat(site.run("reboot-save", "web", "db")).isEqualTo(ExitStatus.ABORTED.number());
        assertThat(site.operations.begun).hasSize(1);
    }

    @Test
    void restoresWhatIsSavedInItsOrder() {
        Optional<Operation.Outcome> saved = Optional.of(FakeOperations.outcome(ExitStatus.SAVED, "saved"));
        for (String name : List.of("one", "two", "three")) {
            OperationSpec spec = OperationSpec.of(OperationKind.SAVE, new VmName(name));
            site.operations.all.addFirst(FakeOperations.operation("s-" + name, spec, List.of(), saved));
        }
        assertThat(site.run("reboot-restore", "two")).isZero();
        assertThat(site.operations.begun).extracting(spec -> spec.vm().text()).containsExactly("two");
        site.operations.begun.clear();
        assertThat(site.run("reboot-restore", "--json")).isZero();
        assertThat(site.operations.begun).extracting(spec -> spec.vm().text()).containsExactly("one", "three");
        assertThat(site.run("reboot-restore")).isZero();
        assertThat(site.err()).isEqualTo("There is nothing to do.\n");
        assertThat(site.run("reboot-restore", "web")).isEqualTo(ExitStatus.USAGE.number());
        assertThat(site.err()).isEqualTo("cprctl: VM web is not saved, so it cannot be restored\n");
    }

    /** The first one's VM must stay managed for as long as it is being updated. */
    @Test
    void aSecondUpdateThatIsRefusedLeavesTheVmToTheFirst() throws Exception {
        site.operations.next = Optional.empty();
        site.agent = true;
        assertThat(site.run("update", "--qmp", "other.qmp", "--timeout", "0")).isEqualTo(ExitStatus.UNDER_WAY.number());
        assertThat(site.registry().list().vms()).hasSize(2);
        site.operations.refusal =
                Optional.of(new OperationException(ExitStatus.CONFLICT, "another update of it is under way"));
        assertThat(site.run("update", "--qmp", "other.qmp")).isEqualTo(ExitStatus.CONFLICT.number());
        assertThat(site.registry().list().vms()).hasSize(2);
    }

    @Test
    void aVmIsNotManagedForAnOperationThatNobodyCanDo() throws Exception {
        site.unusable = Optional.of(new OperationException(ExitStatus.REFUSED, "the journal cannot be opened"));
        assertThat(site.run("update", "--qmp", "other.qmp")).isEqualTo(ExitStatus.REFUSED.number());
        assertThat(site.run("rollback", "--qmp", "other.qmp")).isEqualTo(ExitStatus.REFUSED.number());
        assertThat(site.err()).isEqualTo("cprctl: the journal cannot be opened\n");
        assertThat(site.registry().list().vms()).hasSize(1);
    }

    @Test
    void anOperationOfAnotherProcessIsFollowedStepByStep() throws Exception {
        site.operations.next = Optional.empty();
        site.operations.begin(Optional.of("theirs"), OperationSpec.of(OperationKind.UPDATE, WEB));
        site.operations.whileWaited.add(() -> site.operations.steps("theirs", UpdateState.TAKEN, Optional.empty()));
        site.operations.whileWaited.add(() -> assertThat(site.out()).contains("\"state\":\"taken\""));
        site.operations.whileWaited.add(() -> site.operations.steps(
                "theirs", UpdateState.COMMITTED, Optional.of(FakeOperations.outcome(ExitStatus.OK, "done"))));
        assertThat(site.run("log", "theirs", "--follow", "--json")).isZero();
        assertThat(site.operations.waits).hasSize(3);
        assertThat(site.out().lines()).hasSize(5).last().asString().contains("\"type\":\"operation\"");
    }

    /** As a terminal sends it; were nobody to handle it, it would end this process. */
    @Test
    void ctrlCBacksOutAndTheEndIsWaitedFor() {
        site.operations.next = Optional.empty();
        site.operations.whileWaited.add(UpdateCommandTest::interrupt);
        site.operations.whileWaited.add(() -> {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (site.operations.cancelled.isEmpty() && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(1_000_000);
            }
            site.operations.steps("a1", UpdateState.ABORTED, Optional.of(site.operations.afterwards));
        });
        assertThat(site.run("update", "web", "--id", "a1")).isEqualTo(ExitStatus.ABORTED.number());
        assertThat(site.operations.cancelled).containsExactly("a1");
        assertThat(site.err())
                .contains("asked to stop: backing out, unless the guest has moved already\n")
                .contains("cprctl: it was cancelled; the guest is in the old process\n");
    }

    private static void interrupt() {
        try {
            new ProcessBuilder(
                            "kill",
                            "-INT",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
