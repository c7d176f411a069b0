package dev.cprkit.agent.journal;

import static dev.cprkit.agent.journal.Entries.CALLER;
import static dev.cprkit.agent.journal.Entries.spec;
import static dev.cprkit.agent.journal.Entries.step;
import static dev.cprkit.agent.journal.Entries.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal.Request;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final ProcessRef SELF = ProcessRef.self();

    @TempDir
    Path folder;

    private Path file;
    private Journal journal;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("state/cprkit/journal.db");
        journal = Journal.open(file);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private void reopen(Retention retention) throws Exception {
        journal.close();
        journal = Journal.open(file, retention);
    }

    private Operation begin(String id, String vm) throws OperationException {
        return journal.begin(id, spec(vm), CALLER, SELF, "", "").operation();
    }

    @Test
    void nobodyElseMayReadIt() throws Exception {
        begin("one", "web");
        for (String name : List.of("journal.db", "journal.db-wal", "journal.db-shm")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.resolveSibling(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("state"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aFileThatOthersMayReadIsTakenFromThem() throws Exception {
        journal.close();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        journal = Journal.open(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void everythingOfAnOperationComesBack() throws Exception {
        Operation begun = journal.begin("one", Entries.FULL_SPEC, CALLER, SELF, "/opt/b", "ab12")
                .operation();
        journal.entered("one", step(UpdateState.PLANNED));
        journal.found("one", Entries.finding());
        journal.evidence("one", Entries.evidence(Optional.empty()));
        journal.entered("one", step(UpdateState.CHECKED));
        journal.evidence("one", Entries.evidence(Optional.of(SELF)));
        reopen(Retention.DEFAULT);

        Unfinished left = journal.unfinished(Optional.empty()).getFirst();
        assertThat(left.operation())
                .isEqualTo(new Operation(
                        "one",
                        Entries.FULL_SPEC,
                        CALLER,
                        begun.began(),
                        List.of(step(UpdateState.PLANNED), step(UpdateState.CHECKED)),
                        List.of(Entries.finding()),
                        Optional.empty()));
        assertThat(left.runner()).isEqualTo(SELF);
        assertThat(left.evidence()).contains(Entries.evidence(Optional.of(SELF)));
        assertThat(journal.evidence("one")).isEqualTo(left.evidence());

        var outcome = Entries.updated(Duration.ofMillis(3));
        journal.ended("one", outcome);
        assertThat(journal.find("one").orElseThrow().outcome()).contains(outcome);
        assertThat(journal.unfinished(Optional.empty())).isEmpty();
    }

    @Test
    void theSameRequestIsTheSameOperation() throws Exception {
        begin("one", "web");
        assertThat(journal.begin("one", spec("web"), CALLER, SELF, "", "").fresh())
                .isFalse();
        journal.ended("one", Entries.outcome(ExitStatus.OK, Instant.now()));
        assertThat(journal.begin("one", spec("web"), CALLER, SELF, "", "").fresh())
                .isFalse();

        var other = catchThrowableOfType(
                OperationException.class, () -> journal.begin("one", spec("db"), CALLER, SELF, "", ""));
        assertThat(other.status()).isEqualTo(ExitStatus.CONFLICT);
        assertThat(other).hasMessage("operation one is another one already (update web): choose another id");
    }

    @Test
    void aVmHasOneOperationAtATime() throws Exception {
        begin("one", "web");
        begin("two", "db");
        var refused = catchThrowableOfType(OperationException.class, () -> begin("three", "web"));
        assertThat(refused.status()).isEqualTo(ExitStatus.CONFLICT);
        assertThat(refused).hasMessage("operation one of web is under way: wait for its end, or cancel it");
        journal.ended("one", Entries.outcome(ExitStatus.ABORTED, Instant.now()));
        begin("three", "web");
    }

    @Test
    void anOutcomeIsNeverReplaced() throws Exception {
        begin("one", "web");
        journal.ended("one", Entries.outcome(ExitStatus.OK, Instant.now()));
        journal.ended("one", Entries.outcome(ExitStatus.ABORTED, Instant.now()));
        assertThat(journal.find("one").orElseThrow().outcome().orElseThrow().status())
                .isEqualTo(ExitStatus.OK);
        assertThat(journal.audit(10)).extracting(AuditEntry::result).containsExactly("ok", "begun");
    }

    @Test
    void theAuditTrailSaysWhoDidWhat() throws Exception {
        journal.begin("one", spec("web"), CALLER, SELF, "/opt/b", "ab12");
        Instant now = Instant.now();
        journal.ended("one", Entries.outcome(ExitStatus.REFUSED, now));
        journal.audit(new AuditEntry(now, CALLER, "read config", "", "", "", "ok"));
        assertThat(journal.audit(2))
                .containsExactly(
                        new AuditEntry(now, CALLER, "read config", "", "", "", "ok"),
                        new AuditEntry(now, CALLER, "update web", "one", "/opt/b", "ab12", "refused"));
    }

    @Test
    void theHistoryIsTheNewestFirst() throws Exception {
        for (String id : List.of("a", "b", "c")) {
            begin(id, id.equals("b") ? "db" : "web");
            journal.ended(id, Entries.outcome(ExitStatus.OK, Instant.now()));
        }
        assertThat(journal.history(Optional.empty(), 2))
                .extracting(Operation::id)
                .containsExactly("c", "b");
        assertThat(journal.history(Optional.of(vm("web")), 9))
                .extracting(Operation::id)
                .containsExactly("c", "a");
    }

    @Test
    void theLatestPausesAreRemembered() throws Exception {
        assertThat(journal.pauses(vm("web"), MigMode.CPR_TRANSFER, 3)).isEmpty();
        for (int millis = 1; millis <= 5; millis++) {
            begin("u" + millis, "web");
            journal.ended("u" + millis, Entries.updated(Duration.ofMillis(millis)));
        }
        assertThat(journal.pauses(vm("web"), MigMode.CPR_TRANSFER, 3))
                .containsExactly(Duration.ofMillis(5), Duration.ofMillis(4), Duration.ofMillis(3));
        assertThat(journal.pauses(vm("web"), MigMode.CPR_EXEC, 3)).isEmpty();
        assertThat(journal.pauses(vm("db"), MigMode.CPR_TRANSFER, 3)).isEmpty();
    }

    @Test
    void soManyRunAtOnceAndThoseOfTheDeadDoNotCount() throws Exception {
        ProcessRef dead = new ProcessRef(SELF.pid(), SELF.started() + 1);
        journal.begin("dead", spec("a"), CALLER, dead, "", "");
        begin("one", "b");
        begin("two", "c");
        assertThat(journal.takePlace("dead", 1, ProcessRef::isAlive)).isTrue();
        assertThat(journal.takePlace("one", 1, ProcessRef::isAlive)).isTrue();
        assertThat(journal.takePlace("two", 1, ProcessRef::isAlive)).isFalse();
        journal.ended("one", Entries.outcome(ExitStatus.OK, Instant.now()));
        assertThat(journal.takePlace("two", 1, ProcessRef::isAlive)).isTrue();
    }

    @Test
    void oneProcessTakesOverWhatAnotherLeft() throws Exception {
        ProcessRef dead = new ProcessRef(SELF.pid(), SELF.started() + 1);
        journal.begin("one", spec("web"), CALLER, dead, "", "");
        Unfinished left = journal.unfinished(Optional.of(vm("web"))).getFirst();
        assertThat(journal.adopt(left, SELF)).isTrue();
        assertThat(journal.adopt(left, SELF)).isFalse();
        assertThat(journal.unfinished(Optional.empty()).getFirst().runner()).isEqualTo(SELF);
    }

    @Test
    void aRequestReachesTheProcessThatRunsTheOperation() throws Exception {
        begin("one", "web");
        assertThat(journal.asked("one")).isEqualTo(Request.NONE);
        try (Journal other = Journal.open(file)) {
            long before = journal.foreignVersion();
            assertThat(journal.foreignVersion()).isEqualTo(before);
            other.ask("one", Request.COMMIT);
            assertThat(journal.foreignVersion()).isNotEqualTo(before);
            assertThat(journal.asked("one")).isEqualTo(Request.COMMIT);
            other.ask("one", Request.CANCEL);
            other.ask("one", Request.COMMIT);
        }
        assertThat(journal.asked("one")).isEqualTo(Request.CANCEL);
    }

    @Test
    void onlySoManyAreKeptAndThoseUnderWayAlways() throws Exception {
        reopen(new Retention(Duration.ofDays(1), 2));
        begin("under way", "slow");
        for (String id : List.of("a", "b", "c", "d")) {
            begin(id, "web");
            journal.entered(id, step(UpdateState.PLANNED));
            journal.ended(id, Entries.outcome(ExitStatus.OK, Instant.now()));
        }
        assertThat(journal.history(Optional.empty(), 9))
                .extracting(Operation::id)
                .containsExactly("d", "c", "under way");
        assertThat(journal.audit(99)).hasSize(9); // 5 beginnings, 4 ends
    }

    @Test
    void whatIsTooOldIsForgotten() throws Exception {
        begin("old", "web");
        journal.ended("old", Entries.outcome(ExitStatus.OK, Instant.now().minus(Duration.ofDays(91))));
        begin("new", "web");
        journal.audit(new AuditEntry(Entries.NOON.minus(Duration.ofDays(4000)), CALLER, "x", "", "", "", "ok"));
        journal.audit(new AuditEntry(
                Instant.now().minus(Duration.ofDays(999)), CALLER, "update web", "new", "", "", "begun"));
        journal.prune();
        assertThat(journal.history(Optional.empty(), 9))
                .extracting(Operation::id)
                .containsExactly("new");
        assertThat(journal.audit(99)).extracting(AuditEntry::what).doesNotContain("x");
        assertThat(journal.audit(99)).extracting(AuditEntry::operation).contains("new");
    }
}
