package dev.cprkit.agent.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LocalOperationsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Caller CALLER = new Caller("ada", "cprctl");
    private static final ProcessRef GONE =
            new ProcessRef(ProcessRef.self().pid(), ProcessRef.self().started() + 1);

    @TempDir
    Path folder;

    private final FakeSource source = new FakeSource();
    private final List<String> recovered = Collections.synchronizedList(new ArrayList<>());
    private Journal journal;
    private LocalOperations operations;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder.resolve("journal.db"));
        operations = local(journal, 2);
    }

    private LocalOperations local(Journal in, int places) {
        return new LocalOperations(
                in,
                source,
                (left, told) -> {
                    recovered.add(left.operation().id());
                    return Outcomes.of(ExitStatus.ABORTED, "recovered");
                },
                places,
                CALLER);
    }

    @AfterEach
    void close() {
        source.ends = true;
        source.jobs.values().forEach(FakeSource.Job::finish);
        operations.close();
        journal.close();
    }

    private static OperationSpec spec(String vm) {
        return OperationSpec.of(OperationKind.UPDATE, VmName.of(vm).orElseThrow());
    }

    private Operation begin(String id, String vm) throws OperationException {
        return operations.begin(Optional.of(id), spec(vm));
    }

    private void awaitStart(String id) throws InterruptedException {
        assertThat(source.job(id).started.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anOperationRunsToItsEnd() throws Exception {
        Operation begun = begin("one", "web");
        assertThat(begun.outcome()).isEmpty();
        awaitStart("one");
        assertThat(operations.find("one").orElseThrow().state()).contains(UpdateState.PLANNED);
        assertThat(operations.await("one", Duration.ofMillis(1)).outcome()).isEmpty();
        source.job("one").finish();
        Operation ended = operations.await("one", LIMIT);
        assertThat(ended.outcome().orElseThrow().status()).isEqualTo(ExitStatus.OK);
        assertThat(journal.find("one")).contains(ended);
        assertThat(operations.history(Optional.empty(), 5)).containsExactly(ended);
    }

    @Test
    void anIdThatIsMadeUpSortsByTime() throws Exception {
        source.ends = true;
        Operation first = operations.begin(Optional.empty(), spec("a"));
        operations.await(first.id(), LIMIT);
        Operation second = operations.begin(Optional.empty(), spec("a"));
        assertThat(first.id()).matches("20\\d{6}-\\d{6}-\\d{3}-[0-9a-f]{4}");
        assertThat(second.id().substring(0, 19))
                .isGreaterThanOrEqualTo(first.id().substring(0, 19));
    }

    @Test
    void theSameRequestAgainIsTheSameOperation() throws Exception {
        begin("one", "web");
        awaitStart("one");
        assertThat(begin("one", "web").state()).contains(UpdateState.PLANNED);
        assertThat(source.most).hasValue(1);
        var refused = catchThrowableOfType(OperationException.class, () -> begin("one", "db"));
        assertThat(refused.status()).isEqualTo(ExitStatus.CONFLICT);
    }

    @Test
    void soManyRunAtOnceAndTheOthersWait() throws Exception {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            begin(name, "vm-" + name);
        }
        for (String name : List.of("a", "b", "c", "d", "e")) {
            source.job(name).finish();
        }
        for (String name : List.of("a", "b", "c", "d", "e")) {
            assertThat(operations.await(name, LIMIT).outcome().orElseThrow().status())
                    .isEqualTo(ExitStatus.OK);
        }
        assertThat(source.most.get()).isBetween(1, 2);
    }

    @Test
    void oneThatHasNoTurnInTimeEndsWithoutHavingDoneAnything() throws Exception {
        begin("a", "vm-a");
        begin("b", "vm-b");
        awaitStart("a");
        awaitStart("b");
        OperationSpec hasty = new OperationSpec(
                OperationKind.UPDATE,
                VmName.of("vm-c").orElseThrow(),
                Optional.empty(),
                ModeChoice.AUTO,
                Optional.empty(),
                Duration.ZERO,
                Duration.ofMillis(50));
        operations.begin(Optional.of("c"), hasty);
        Operation ended = operations.await("c", LIMIT);
        assertThat(ended.outcome().orElseThrow().status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(ended.outcome().orElseThrow().message())
                .isEqualTo("it did not have its turn within 0 s: 2 operations may run at once on this host; nothing"
                        + " was done");
        assertThat(source.jobs).doesNotContainKey("c");
    }

    @Test
    void oneThatWaitsForItsTurnIsCancelled() throws Exception {
        begin("a", "vm-a");
        begin("b", "vm-b");
        awaitStart("a");
        awaitStart("b");
        begin("c", "vm-c");
        operations.cancel("c");
        assertThat(operations.await("c", LIMIT).outcome().orElseThrow().status())
                .isEqualTo(ExitStatus.ABORTED);
        assertThat(source.jobs).doesNotContainKey("c");
    }

    @Test
    void cancelAndCommitReachTheWork() throws Exception {
        begin("a", "vm-a");
        begin("b", "vm-b");
        awaitStart("a");
        awaitStart("b");
        operations.cancel("a");
        operations.commit("b");
        assertThat(operations.await("a", LIMIT).outcome().orElseThrow().message())
                .isEqualTo("asked for the way back");
        assertThat(operations.await("a", LIMIT).outcome().orElseThrow().status())
                .isEqualTo(ExitStatus.ABORTED);
        assertThat(operations.await("b", LIMIT).outcome().orElseThrow().message())
                .isEqualTo("asked for a commit");
        assertThat(operations.cancel("b").outcome()).as("has ended").isPresent();
    }

    @Test
    void whatOneProcessRunsAnotherSeesAndEnds() throws Exception {
        begin("a", "vm-a");
        begin("b", "vm-b");
        awaitStart("a");
        awaitStart("b");
        try (Journal theirs = Journal.open(folder.resolve("journal.db"));
                LocalOperations others = local(theirs, 2)) {
            assertThat(others.find("a").orElseThrow().state()).contains(UpdateState.PLANNED);
            var refused =
                    catchThrowableOfType(OperationException.class, () -> others.begin(Optional.of("x"), spec("vm-a")));
            assertThat(refused.status()).isEqualTo(ExitStatus.CONFLICT);
            assertThat(others.await("a", Duration.ofMillis(1)).outcome()).isEmpty();
            others.commit("a");
            assertThat(others.await("a", LIMIT).outcome().orElseThrow().message())
                    .isEqualTo("asked for a commit");
            others.cancel("b");
            assertThat(others.await("b", LIMIT).outcome().orElseThrow().message())
                    .isEqualTo("asked for the way back");
        }
        assertThat(recovered).isEmpty();
    }

    @Test
    void whatADeadProcessLeftIsRecoveredBeforeAnythingNew() throws Exception {
        journal.begin("left", spec("web"), CALLER, GONE, "", "");
        journal.begin("other", spec("db"), CALLER, GONE, "", "");
        begin("one", "web");
        assertThat(recovered).containsExactly("left");
        assertThat(operations.find("left").orElseThrow().outcome().orElseThrow().message())
                .isEqualTo("recovered");
        assertThat(operations.find("other").orElseThrow().outcome()).isEmpty();
        assertThat(operations.recover(Optional.empty()))
                .extracting(Operation::id)
                .containsExactly("other");
        assertThat(operations.recover(Optional.empty())).isEmpty();
    }

    @Test
    void cancellingWhatADeadProcessLeftRecoversIt() throws Exception {
        journal.begin("left", spec("web"), CALLER, GONE, "", "");
        assertThat(operations.cancel("left").outcome().orElseThrow().message()).isEqualTo("recovered");
    }

    @Test
    void aMistakeOfOursIsRecoveredLikeAKill() throws Exception {
        source.mistake = Optional.of(new IllegalStateException("oops"));
        begin("one", "web");
        assertThat(operations.await("one", LIMIT).outcome().orElseThrow().message())
                .isEqualTo("a mistake in cprkit: java.lang.IllegalStateException: oops; recovered");
        assertThat(recovered).containsExactly("one");
    }

    @Test
    void aRecoveryThatMakesAMistakeEndsItsOperationAndHindersNoOther() throws Exception {
        journal.begin("left", spec("web"), CALLER, GONE, "", "");
        journal.begin("other", spec("db"), CALLER, GONE, "", "");
        Recoverer bad = (left, told) -> {
            recovered.add(left.operation().id());
            throw new IllegalStateException("oops");
        };
        try (LocalOperations others = new LocalOperations(journal, source, bad, 2, CALLER)) {
            assertThat(others.recover(Optional.empty()))
                    .extracting(one -> one.outcome().orElseThrow().status())
                    .containsExactly(ExitStatus.ATTENTION, ExitStatus.ATTENTION);
        }
        assertThat(recovered).containsExactly("left", "other");
        assertThat(operations.find("left").orElseThrow().outcome().orElseThrow().message())
                .isEqualTo("whoever ran it is gone; then a mistake in cprkit: java.lang.IllegalStateException: oops");
        begin("one", "web");
    }

    @Test
    void anEntryThatCannotBeReadHidesNoOther() throws Exception {
        journal.begin("strange", spec("web"), CALLER, GONE, "", "");
        journal.begin("left", spec("db"), CALLER, GONE, "", "");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute("UPDATE operations SET spec = '{\"kind\":\"of a later version\"}' WHERE id = 'strange'");
        }
        assertThat(operations.recover(Optional.empty()))
                .extracting(Operation::id)
                .containsExactly("left");
        var refused = catchThrowableOfType(OperationException.class, () -> begin("one", "web"));
        assertThat(refused).hasMessage("the journal has an entry whose kind this cprkit does not know");
    }

    @Test
    void listenersAreToldUntilTheyGoAndHarmNobody() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        var _ = operations.subscribe(new OperationListener() {
            @Override
            public void began(Operation operation) {
                throw new IllegalStateException("a bad listener");
            }
        });
        OperationListener good = new OperationListener() {
            @Override
            public void began(Operation operation) {
                told.add("began " + operation.id());
            }

            @Override
            public void entered(Operation operation, Operation.Step step) {
                told.add("entered " + step.state() + " of " + operation.steps().size());
            }

            @Override
            public void ended(Operation operation) {
                told.add("ended " + operation.outcome().orElseThrow().status());
            }
        };
        try (var _ = operations.subscribe(good)) {
            begin("one", "web");
            source.job("one").finish();
            operations.await("one", LIMIT);
        }
        begin("two", "web");
        source.job("two").finish();
        operations.await("two", LIMIT);
        assertThat(told).containsExactly("began one", "entered PLANNED of 1", "ended OK");
    }

    @Test
    void theProgramIsInTheAuditTrailAsItWas() throws Exception {
        source.ends = true;
        source.program = Optional.of(Files.writeString(folder.resolve("program"), "abc"));
        begin("one", "web");
        operations.await("one", LIMIT);
        assertThat(journal.audit(9))
                .extracting(AuditEntry::program, AuditEntry::sha256, AuditEntry::result)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                folder.resolve("program").toString(),
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                                "ok"),
                        org.assertj.core.groups.Tuple.tuple(
                                folder.resolve("program").toString(),
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                                "begun"));
    }

    @Test
    void afterTheEndNothingBegins() {
        operations.close();
        var refused = catchThrowableOfType(OperationException.class, () -> begin("one", "web"));
        assertThat(refused.status()).isEqualTo(ExitStatus.REFUSED);
    }

    static Stream<Arguments> wrongRequests() {
        OperationSpec good = spec("web");
        return Stream.of(
                Arguments.of("", good, "'' cannot be an operation's id: "),
                Arguments.of("../x", good, "'../x' cannot be an operation's id: "),
                Arguments.of("a b", good, "'a b' cannot be an operation's id: "),
                Arguments.of("x".repeat(129), good, "'x"),
                Arguments.of("a", with(good, "bin/vmm", 0, 1, 1), "the program bin/vmm must be an absolute path"),
                Arguments.of("a", with(good, "/b", -1, 1, 1), "the probation must be from 0 to 7 days"),
                Arguments.of("a", with(good, "/b", 0, 0, 1), "the timeout must be more than 0 and at most 7 days"),
                Arguments.of("a", with(good, "/b", 0, 1_000_000, 1), "the timeout must be more than 0 and at most"),
                Arguments.of(
                        "a", with(good, "/b", 0, 1, -1), "the pause budget must be more than 0 and at most 7 days"));
    }

    private static OperationSpec with(OperationSpec spec, String program, int probation, int timeout, int budget) {
        return new OperationSpec(
                spec.kind(),
                spec.vm(),
                Optional.of(Path.of(program)),
                spec.mode(),
                Optional.of(Duration.ofSeconds(budget)),
                Duration.ofSeconds(probation),
                Duration.ofSeconds(timeout));
    }

    @ParameterizedTest
    @MethodSource("wrongRequests")
    void aWrongRequestIsASentence(String id, OperationSpec spec, String message) {
        var refused = catchThrowableOfType(OperationException.class, () -> operations.begin(Optional.of(id), spec));
        assertThat(refused.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(refused).hasMessageStartingWith(message);
        assertThat(source.jobs).isEmpty();
    }
}
