package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Outcomes;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Starts a saved VM again: the second half of a cpr-reboot.
 *
 * <p>The process is started with {@code -S}, so that it stops once it has loaded everything: then the guest is proved to be
 * there and has not run. Only now does the saved state lose its name, durably, and only then is the guest let go on. So at
 * no moment can a state be restored whose guest has run since, and until it is let go on nothing is lost if this fails.
 *
 * <p>Not reusable; {@link #run} does it on the caller's thread, and never throws for anything that the VM or the host do.
 */
public final class GuestRestore {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    private final SavedStates states;
    private final ProcessHost host;
    private final UpdateJournal journal;
    private final Course course;
    private String version = "";

    public GuestRestore(
            SavedStates states, Duration timeout, ProcessHost host, UpdateJournal journal, Cancellation cancellation) {
        this.states = states;
        this.host = host;
        this.journal = journal;
        this.course = new Course(journal, cancellation, timeout, Optional.empty());
    }

    /**
     * Does so. The outcome is OK if it went well, or if there is nothing to restore.
     *
     * @param program another program; empty for the one that it was saved from
     */
    public Outcome run(VmName name, Optional<Path> program) {
        Optional<SavedVm> saved;
        try {
            saved = states.find(name);
        } catch (IOException e) {
            return outcome(ExitStatus.REFUSED, e.getMessage());
        }
        if (saved.isEmpty()) {
            return outcome(ExitStatus.OK, "there is no saved state of " + name + ": nothing to do");
        }
        SavedVm vm = saved.get();
        course.enter(UpdateState.PLANNED, "it was saved at " + vm.stopped() + ", " + vm.runState());
        UpdatePlan plan = plan(vm, program);
        Optional<String> against = RestoreChecks.against(vm, states.of(name), plan, host);
        if (against.isPresent()) {
            return outcome(ExitStatus.REFUSED, against.get() + "; the guest is still saved");
        }
        try (NewVm next = new NewVm(plan, host, course.watch())) {
            return restore(vm, plan, next);
        }
    }

    private UpdatePlan plan(SavedVm vm, Optional<Path> program) {
        List<String> arguments = new ArrayList<>(vm.arguments());
        arguments.add("-S");
        Program words = new Program(program.map(p -> List.of(p.toString())).orElse(vm.words()), arguments);
        Path folder = states.of(vm.record().name());
        return new UpdatePlan(
                MigMode.CPR_REBOOT,
                words,
                new NextCommandLine(1, arguments, List.of(), List.of()),
                vm.directory(),
                folder,
                folder.resolve("none"),
                folder.resolve("none"),
                Optional.of(folder.resolve(SavedStates.STATE)),
                Optional.of(vm.qmp()));
    }

    private Outcome restore(SavedVm vm, UpdatePlan plan, NewVm next) {
        try {
            course.enter(UpdateState.CHECKED, "the state is whole, and nothing stands in the way");
            Map<String, String> environment = environment(vm);
            tell(vm, plan, environment, Optional.empty());
            makeFolders(vm);
            course.stopIfAsked();
            load(vm, plan, environment, next);
        } catch (UpdateFailure | QmpException | IOException e) {
            return stillSaved(next, e.getMessage());
        }
        try {
            states.consume(vm.record().name());
        } catch (IOException e) {
            return stillSaved(next, "the saved state cannot be taken away: " + e.getMessage());
        }
        return letGoOn(vm, plan, next);
    }

    /** A process of an earlier restore may still run, under another name by now: this one's mark is its own. */
    private Map<String, String> environment(SavedVm vm) {
        Map<String, String> marked = new HashMap<>(vm.environment());
        marked.put(NewVm.MARK, states.of(vm.record().name()) + "#" + UUID.randomUUID());
        return marked;
    }

    private void tell(SavedVm vm, UpdatePlan plan, Map<String, String> environment, Optional<ProcessRef> next) {
        List<String> before = new ArrayList<>(vm.words());
        before.addAll(vm.arguments());
        journal.evidence(new Evidence(
                MigMode.CPR_REBOOT,
                new ProcessRef(0, 0),
                vm.qmp(),
                vm.runState(),
                MigMode.NORMAL.qapiName(),
                Map.of(),
                Map.of(),
                before,
                environment,
                plan.command(),
                plan.directory(),
                plan.privateFolder(),
                next,
                plan.qmp(),
                List.of(),
                plan.log(),
                plan.stateFile(),
                vm.ignoreShared(),
                vm.plugged(),
                vm.settings()));
    }

    /** A restart of the host empties the folders that sockets are in. */
    private static void makeFolders(SavedVm vm) throws IOException {
        var ours = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(vm.qmp().toAbsolutePath().getParent(), ours);
        for (Path known : vm.links().keySet()) {
            Files.createDirectories(known.toAbsolutePath().getParent(), ours);
        }
    }

    private void load(SavedVm vm, UpdatePlan plan, Map<String, String> environment, NewVm next)
            throws QmpException, UpdateFailure {
        course.enter(UpdateState.STAGED, "the folders for its sockets are there");
        Hotplugged plugged = new Hotplugged(vm.plugged(), List.of());
        FileArrival arrival = new FileArrival(next, plan, plugged, vm.ignoreShared(), course.watch());
        version = arrival.prepare(
                environment, pid -> tell(vm, plan, environment, host.ref(pid)), course::stopIfAsked, course.deadline());
        course.enter(UpdateState.ARMED, "process " + next.pid() + " waits for the guest");
        course.enter(UpdateState.PAUSED, "the guest stands still since " + vm.stopped());
        course.enter(UpdateState.SAVED, "its state is in " + plan.stateFile().orElseThrow());
        arrival.load(course::stopIfAsked, course.deadline());
        arrival.awaitRunState(vm.wasLive() ? "paused" : vm.runState());
        course.enter(UpdateState.TAKEN, "process " + next.pid() + " has the guest, which has not run yet");
    }

    private Outcome stillSaved(NewVm next, String why) {
        boolean gone = next.destroy(COMMAND);
        next.removeLog();
        return outcome(
                gone ? ExitStatus.SAVED : ExitStatus.ATTENTION,
                why + "; the guest is still saved"
                        + (gone ? "" : ", but process " + next.pid() + " could not be ended: never let it go on"));
    }

    private Outcome letGoOn(SavedVm vm, UpdatePlan plan, NewVm next) {
        String process = "process " + next.pid();
        String runState = "unknown";
        try {
            if (vm.wasLive()) {
                next.monitor().cont();
            }
            String[] last = {""};
            course.watch().happens(COMMAND, () -> {
                last[0] = next.monitor().runState();
                return last[0].equals(vm.runState());
            });
            runState = last[0];
        } catch (QmpException | UpdateFailure e) {
            return outcome(
                    ExitStatus.ATTENTION,
                    process + " has the guest, but " + e.getMessage() + "; its state from before is in "
                            + states.consumedOf(vm.record().name()));
        }
        if (!runState.equals(vm.runState())) {
            return outcome(
                    ExitStatus.ATTENTION,
                    process + " has the guest, but its run state is " + runState + " and was " + vm.runState());
        }
        course.enter(UpdateState.RUNNING_NEW, "the guest is " + runState + " in " + process);
        vm.settings().carryTo(next.monitor());
        finish(states, vm);
        course.enter(UpdateState.COMMITTED, "the saved state is removed");
        Operation.Program now = ProgramFile.named(plan.program(), version);
        boolean same = now.sha256().equals(vm.program().sha256())
                && now.path().equals(vm.program().path());
        return new Outcome(
                ExitStatus.OK,
                "the guest is " + runState + " in " + process,
                Instant.now(),
                Optional.of(MigMode.CPR_REBOOT),
                vm.wasLive() ? Optional.of(Duration.between(vm.stopped(), Instant.now())) : Optional.empty(),
                same ? Optional.empty() : Optional.of(now),
                same ? Optional.empty() : Optional.of(vm.program()),
                "");
    }

    /** What is left to do once the guest runs: the paths that clients know, and the end of the saved state. */
    static void finish(SavedStates states, SavedVm vm) {
        for (Map.Entry<Path, Path> link : vm.links().entrySet()) {
            Commit.linkTo(link.getKey(), link.getValue());
        }
        try {
            states.remove(states.consumedOf(vm.record().name()));
        } catch (IOException e) {
            // It has no VM's name, so nobody restores it; the next save of that VM meets it no more either.
        }
    }

    private static Outcome outcome(ExitStatus status, String message) {
        return Outcomes.of(status, message, MigMode.CPR_REBOOT);
    }
}
