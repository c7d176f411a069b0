package dev.cprkit.agent.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Program;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rollback goes back to, and what there is nothing to do to. */
class HostWorkTest {
    private static final VmName WEB = VmName.of("web").orElseThrow();
    private static final Caller CALLER = new Caller("ada", "cprctl");

    @TempDir
    Path folder;

    private Journal journal;
    private HostWork work;
    private LocalOperations operations;
    private int count;

    @BeforeEach
    void open() throws Exception {
        Home home = new Home(folder.resolve("run"), folder.resolve("lib"));
        journal = Journal.open(home.journal());
        ManagedVms vms = ManagedVms.of(new VmRegistry(home));
        work = new HostWork(home, journal, vms, new LinuxHost());
        operations = LocalOperations.of(home, journal, vms, new LinuxHost(), 2, CALLER);
    }

    @AfterEach
    void close() {
        operations.close();
        journal.close();
    }

    private Program program(String name) throws IOException {
        Path path = folder.resolve(name);
        Files.writeString(path, name);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        return new Program(path, FileDigest.ifKnown(path), "1.0");
    }

    private void ended(ExitStatus status, Optional<Program> now, Optional<Program> before) throws Exception {
        String id = "u" + count++;
        OperationSpec spec = OperationSpec.of(OperationKind.UPDATE, WEB);
        journal.begin(id, spec, CALLER, ProcessRef.self(), "", "");
        journal.ended(
                id,
                new Outcome(
                        status,
                        "x",
                        Instant.now(),
                        Optional.of(MigMode.CPR_TRANSFER),
                        Optional.of(Duration.ofMillis(3)),
                        now,
                        before,
                        ""));
    }

    private String refusal() {
        var refused = catchThrowableOfType(
                OperationException.class,
                () -> operations.begin(Optional.of("back"), OperationSpec.of(OperationKind.ROLLBACK, WEB)));
        assertThat(refused.status()).isEqualTo(ExitStatus.REFUSED);
        return refused.getMessage();
    }

    @Test
    void aRollbackGoesToTheProgramBeforeTheLastUpdateThatWentWell() throws Exception {
        Program a = program("a");
        Program b = program("b");
        Program c = program("c");
        ended(ExitStatus.OK, Optional.of(b), Optional.of(a));
        ended(ExitStatus.OK, Optional.of(c), Optional.of(b));
        ended(ExitStatus.ABORTED, Optional.empty(), Optional.empty());
        ended(ExitStatus.ROLLED_BACK, Optional.of(c), Optional.of(c));
        assertThat(work.program(OperationSpec.of(OperationKind.ROLLBACK, WEB))).contains(b.path());
        assertThat(work.history(WEB).pauses(MigMode.CPR_TRANSFER)).hasSize(4);
    }

    @Test
    void aRollbackLeadsOutOfAProgramThatHungInItsProbation() throws Exception {
        Program a = program("a");
        Program b = program("b");
        ended(ExitStatus.OK, Optional.of(b), Optional.of(a));
        ended(ExitStatus.ATTENTION, Optional.of(program("c")), Optional.of(b));
        ended(ExitStatus.ATTENTION, Optional.of(b), Optional.of(b)); // it was back there already
        assertThat(work.program(OperationSpec.of(OperationKind.ROLLBACK, WEB))).contains(b.path());
    }

    @Test
    void withoutAnUpdateThereIsNothingToGoBackTo() throws Exception {
        ended(ExitStatus.ABORTED, Optional.empty(), Optional.empty());
        assertThat(refusal())
                .isEqualTo("no update of web is in the journal: name the program to go back to, with update");
        assertThat(journal.find("back")).isEmpty();
    }

    @Test
    void aProgramThatIsGoneIsNamed() throws Exception {
        Program a = program("a");
        ended(ExitStatus.OK, Optional.of(program("b")), Optional.of(a));
        Files.delete(a.path());
        assertThat(refusal())
                .isEqualTo("the program that ran before operation u0, " + a.path()
                        + ", is not there any more: install it again");
    }

    @Test
    void anotherFileAtItsPathIsNotTheProgram() throws Exception {
        Program a = program("a");
        ended(ExitStatus.OK, Optional.of(program("b")), Optional.of(a));
        Files.writeString(a.path(), "something newer");
        assertThat(refusal())
                .isEqualTo("the file at " + a.path() + " is not the program that ran before operation u0: install that"
                        + " one again, or name another with update");
    }

    @Test
    void whatRanBeforeMayNotBeKnown() throws Exception {
        ended(ExitStatus.OK, Optional.of(program("b")), Optional.empty());
        assertThat(refusal()).startsWith("the journal does not say what ran before operation u0");
    }

    @Test
    void aVmThatNobodyManagesIsNotReached() throws Exception {
        Operation begun = operations.begin(Optional.empty(), OperationSpec.of(OperationKind.UPDATE, WEB));
        Outcome outcome =
                operations.await(begun.id(), Duration.ofSeconds(20)).outcome().orElseThrow();
        assertThat(outcome.status()).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(outcome.message()).isEqualTo("there is no VM named web on this host");
    }

    @Test
    void withoutASavedStateThereIsNothingToRestore() throws Exception {
        Operation begun = operations.begin(Optional.empty(), OperationSpec.of(OperationKind.RESTORE, WEB));
        Outcome outcome =
                operations.await(begun.id(), Duration.ofSeconds(20)).outcome().orElseThrow();
        assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
        assertThat(outcome.message()).isEqualTo("there is no saved state of web: nothing to do");
    }
}
