package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.operation.LocalOperations;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.it.vm.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A managed VM, and the operations on it that a test spoils: at a step that it names, on the operation's own thread, when
 * that step is in the journal and nothing that follows has been done. After each the VM, its host and the journal are
 * looked at.
 */
final class OperatedVm implements AutoCloseable {
    private static final VmName NAME = new VmName("web");

    private final Peer peer;
    private final Path program;
    private final Path folder;
    private final Home home;
    private final Journal journal;
    private final LocalOperations operations;
    private final OperationService.Subscription subscription;
    private TalkingVm vm;
    private UpdateState when = UpdateState.PLANNED;
    private Optional<Spoiling> spoiling = Optional.empty();
    private Optional<Spoiling.Undoing> undoing = Optional.empty();
    private Optional<Exception> failed = Optional.empty();
    private Before before = new Before(0, "", List.of());

    /** What goes wrong. */
    interface Spoiling {
        void spoil(Moment moment) throws Exception;

        /** Makes it right again. */
        interface Undoing {
            void undo() throws Exception;
        }
    }

    /** The VM before an operation: its process, its run state, and how its migration is set. */
    private record Before(long pid, String runState, List<JsonNode> settings) {}

    /** When something goes wrong. */
    record Moment(Operation operation, long oldPid, Optional<Evidence> evidence) {
        long newPid() {
            return evidence.orElseThrow().next().map(ProcessRef::pid).orElseThrow();
        }
    }

    private OperatedVm(Peer peer, Path program, Path folder, Home home, TalkingVm vm, Journal journal) {
        this.peer = peer;
        this.program = program;
        this.folder = folder;
        this.home = home;
        this.vm = vm;
        this.journal = journal;
        this.operations = Runner.operations(home, journal);
        this.subscription = operations.subscribe(new Spoiler());
    }

    static OperatedVm start(Peer peer, Path program, Path folder) throws Exception {
        Home home = new Home(folder.resolve("run"), folder.resolve("lib"));
        TalkingVm vm = TalkingVm.start(peer, program, folder);
        new VmRegistry(home).add(new VmRecord(NAME, VmRecord.Origin.ADOPTED, vm.qmp(), List.of(), Instant.now()));
        return new OperatedVm(peer, program, folder, home, vm, Journal.open(home.journal()));
    }

    /** In the place of a guest that was lost. */
    void startAgain() throws Exception {
        vm.close();
        vm = TalkingVm.start(peer, program, folder);
    }

    TalkingVm vm() {
        return vm;
    }

    Home home() {
        return home;
    }

    LocalOperations operations() {
        return operations;
    }

    /** Of the next operation. */
    OperatedVm at(UpdateState state, Spoiling what) {
        when = state;
        spoiling = Optional.of(what);
        return this;
    }

    /** When the next operation has ended, before it is looked at. */
    void afterwards(Spoiling.Undoing what) {
        undoing = Optional.of(what);
    }

    Operation update(ModeChoice mode, Path to) throws Exception {
        return update(mode, to, Duration.ofSeconds(30));
    }

    /** Until its end, with the spoiling that was asked for. */
    Operation update(ModeChoice mode, Path to, Duration timeout) throws Exception {
        return run(new OperationSpec(
                OperationKind.UPDATE, NAME, Optional.of(to), mode, Optional.empty(), Duration.ZERO, timeout));
    }

    Operation run(OperationSpec spec) throws Exception {
        look();
        return operate(spec);
    }

    /** While its guest is saved; it is to come back as it was before that. */
    Operation runWithoutVm(OperationKind kind) throws Exception {
        return operate(spec(kind));
    }

    /** What it is to be like afterwards. */
    private void look() throws Exception {
        before = new Before(vm.pid(), vm.runState(), settings());
    }

    private Operation operate(OperationSpec spec) throws Exception {
        try {
            Operation begun = operations.begin(Optional.empty(), spec);
            Operation ended = operations.await(begun.id(), Duration.ofSeconds(90));
            if (undoing.isPresent()) {
                undoing.get().undo();
            }
            if (failed.isPresent()) {
                throw failed.get();
            }
            assertThat(spoiling)
                    .as("what was to be spoiled at " + when + ": " + ended)
                    .isEmpty();
            assertTold(ended);
            return ended;
        } finally {
            spoiling = Optional.empty();
            undoing = Optional.empty();
            failed = Optional.empty();
        }
    }

    /** Lets another process run an operation as far as a step, kills it there, and recovers. */
    Operation killed(OperationKind kind, ModeChoice mode, UpdateState at) throws Exception {
        look();
        return killedAndRecovered(kind, mode, at);
    }

    /** The same while its guest is saved. */
    Operation killedWithoutVm(OperationKind kind, UpdateState at) throws Exception {
        return killedAndRecovered(kind, ModeChoice.AUTO, at);
    }

    private Operation killedAndRecovered(OperationKind kind, ModeChoice mode, UpdateState at) throws Exception {
        Runner.runAndKill(folder, home, NAME, kind, mode, at);
        List<Operation> ended = operations.recover(Optional.empty());
        assertThat(ended).hasSize(1);
        assertTold(ended.getFirst());
        return ended.getFirst();
    }

    static OperationSpec spec(OperationKind kind) {
        return OperationSpec.of(kind, NAME);
    }

    static VmName name() {
        return NAME;
    }

    private final class Spoiler implements OperationListener {
        @Override
        public void entered(Operation operation, Operation.Step step) {
            if (step.state() == when && spoiling.isPresent()) {
                Spoiling what = spoiling.get();
                spoiling = Optional.empty();
                try {
                    what.spoil(new Moment(operation, before.pid(), journal.evidence(operation.id())));
                } catch (Exception e) {
                    failed = Optional.of(e);
                }
            }
        }
    }

    private List<JsonNode> settings() throws Exception {
        return List.of(vm.ask("query-migrate-capabilities"), vm.ask("query-migrate-parameters"));
    }

    /** Ends a process of the VM at once, and sees it go. */
    void kill(long pid) throws Exception {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Await.until(
                TalkingVm.LIMIT,
                () -> "the end of " + pid,
                () -> ProcessRef.of(pid).isEmpty());
    }

    static void signal(String name, long pid) throws Exception {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start();
        assertThat(kill.waitFor()).as("kill -" + name + " " + pid).isZero();
    }

    static ExitStatus status(Operation ended) {
        return ended.outcome().orElseThrow().status();
    }

    static String message(Operation ended) {
        return ended.outcome().orElseThrow().message();
    }

    /** The operation went through, and the guest goes on. */
    void assertMoved(Operation ended) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.OK);
        assertWhole(ended);
    }

    /** The operation did nothing to the guest, and left the VM set as it was. */
    void assertUntouched(Operation ended, ExitStatus status) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(status);
        assertThat(vm.pid()).as(ended.toString()).isEqualTo(before.pid());
        assertWhole(ended);
        assertThat(settings()).as(ended.toString()).isEqualTo(before.settings());
    }

    /** One process has the guest, in the run state that it was in, with all of its memory; nothing else is there. */
    void assertWhole(Operation ended) throws Exception {
        String what = ended.toString();
        assertThat(vm.processes()).as(what).containsExactly(vm.pid());
        assertThat(vm.runState()).as(what).isEqualTo(before.runState());
        if (before.runState().equals("running")) {
            vm.awaitLines(2);
        }
        assertThat(vm.firstBadLine()).as(what).isEmpty();
        assertNoFilesAreLeft(ended);
    }

    /** One process has the guest, as it was: the new one or the old one, as the outcome says. */
    void assertWholeWhereItIsSaidToBe(Operation ended) throws Exception {
        if (status(ended) == ExitStatus.OK) {
            assertMoved(ended);
        } else {
            assertUntouched(ended, ExitStatus.ABORTED);
        }
    }

    /** The new program did not take the guest, and a process of the previous one has it again. */
    void assertWholeInPrevious(Operation ended) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.ROLLED_BACK);
        assertWhole(ended);
    }

    /** The guest may have run in the new process, which is gone: it stands still in the old one, and that is said. */
    void assertStoppedInOld(Operation ended) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(message(ended)).contains("stopped in the old process " + before.pid() + ": never let it go on");
        assertThat(vm.processes()).as(ended.toString()).containsExactly(before.pid());
        assertThat(vm.runState()).as(ended.toString()).isEqualTo("postmigrate");
        assertThat(vm.firstBadLine()).as(ended.toString()).isEmpty();
        assertNoFilesAreLeft(ended);
    }

    /** The guest may have run in the new process, which is gone: what it was before is in a file, and that is said. */
    void assertStoppedInFile(Operation ended) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.ATTENTION);
        Path state = journal.evidence(ended.id()).orElseThrow().stateFile().orElseThrow();
        assertThat(message(ended)).contains("the guest is stopped, and what it was before is in " + state);
        assertThat(vm.processes()).as(ended.toString()).isEmpty();
        assertThat(state).isNotEmptyFile();
        Files.delete(state);
        Files.delete(state.getParent());
        assertNoFilesAreLeft(ended);
    }

    /** No process has the guest, nothing is left, and whoever asked is told so. */
    void assertLost(Operation ended) throws Exception {
        assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(message(ended)).contains("the guest is lost");
        assertThat(vm.processes()).as(ended.toString()).isEmpty();
        assertNoFilesAreLeft(ended);
    }

    /** The journal, read anew, has the whole of it; so has the audit trail. */
    private void assertTold(Operation ended) throws Exception {
        try (Journal read = Journal.open(home.journal())) {
            Await.until(
                    TalkingVm.LIMIT,
                    () -> "the end of " + ended + " in the journal",
                    () -> read.find(ended.id()).orElseThrow().outcome().isPresent());
            Operation there = read.find(ended.id()).orElseThrow();
            assertThat(status(there)).isEqualTo(status(ended));
            assertThat(message(there)).isEqualTo(message(ended)).isNotEmpty();
            List<UpdateState> states = states(there);
            assertThat(states).isEqualTo(states(ended));
            for (int i = 1; i < states.size(); i++) {
                assertThat(states.get(i - 1).allows(states.get(i)))
                        .as(states.toString())
                        .isTrue();
            }
            assertThat(read.unfinished(Optional.empty())).isEmpty();
            AuditEntry entry = read.audit(1).getFirst();
            assertThat(entry.operation()).isEqualTo(ended.id());
            assertThat(entry.result()).isEqualTo(status(ended).statusName());
        }
    }

    static List<UpdateState> states(Operation operation) {
        return operation.steps().stream().map(Operation.Step::state).toList();
    }

    /** But the monitor's socket, the link to it, and what its process prints. */
    private void assertNoFilesAreLeft(Operation ended) throws Exception {
        Optional<Evidence> evidence = journal.evidence(ended.id());
        if (evidence.isPresent()) {
            assertThat(evidence.get().privateFolder()).as(ended.toString()).doesNotExist();
        }
        List<Path> left = entries(vm.qmp().getParent());
        Path name = Files.isSymbolicLink(vm.qmp())
                ? Files.readSymbolicLink(vm.qmp())
                : vm.qmp().getFileName();
        left.remove(vm.qmp());
        left.remove(vm.qmp().resolveSibling(name));
        left.remove(vm.qmp().resolveSibling(name + ".log"));
        left.addAll(entries(home.saved()));
        assertThat(left).as(ended.toString()).isEmpty();
    }

    private static List<Path> entries(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return new ArrayList<>();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return new ArrayList<>(entries.toList());
        }
    }

    @Override
    public void close() throws IOException {
        subscription.close();
        try {
            vm.close();
        } finally {
            operations.close();
            journal.close();
        }
    }
}
