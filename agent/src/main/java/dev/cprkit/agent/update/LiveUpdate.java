package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.VmChecks;
import dev.cprkit.agent.check.VmFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.MigrationProgress;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One live update in mode cpr-transfer, from beginning to end, on the caller's thread.
 *
 * <p>How it goes. The new process is started with {@code -incoming defer} beside the main channel's socket that it will
 * be told later, and blocks until the old process hands it the guest's memory. Then it makes its devices, with the
 * guest still running in the old process, and we talk to its monitor before anything is at stake. Only
 * {@code migrate-incoming} makes it listen for the device state; the old process connects, stops the guest, sends, and
 * the new one lets it go on. So whatever is wrong with the new process shows before the guest has stood still for a
 * moment, and its monitor is there to say exactly when, and whether, the guest began to run in it.
 *
 * <p>A failure before the guest runs in the new process ends with the guest in the old one ({@link BackOut}). After
 * that there is no way back, and only the old process's end can still go wrong.
 *
 * <p>Not reusable: make one for each update.
 */
public final class LiveUpdate {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    private final UpdateRequest request;
    private final ProcessHost host;
    private final UpdateJournal journal;
    private final Cancellation cancellation;
    private final long started = System.nanoTime();
    private final Deadline deadline;
    private final Watch watch = new Watch();
    private final List<Finding> findings = new ArrayList<>();
    private Optional<UpdateState> state = Optional.empty();
    private List<String> command = List.of();
    private boolean migrateSent;
    private boolean switching;

    /** {@code journal} is called on the thread that calls {@link #run}. */
    public LiveUpdate(UpdateRequest request, ProcessHost host, UpdateJournal journal, Cancellation cancellation) {
        this.request = request;
        this.host = host;
        this.journal = journal;
        this.cancellation = cancellation;
        this.deadline = Deadline.in(request.timeout());
        cancellation.onRequest(watch::poke);
    }

    /** Does the update. Never throws for anything that the VMs or the host do; the result says what happened. */
    public UpdateResult run() {
        return withPlan(this::conduct);
    }

    /** Goes as far as the checks, and leaves everything as it was. The result holds the new command line. */
    public UpdateResult check() {
        return withPlan((old, plan, next) -> {
            try {
                check(old, plan);
                old.restoreSettings();
                return result(ExitStatus.OK, "an update would be tried", Optional.empty(), "");
            } catch (UpdateFailure e) {
                return goBack(old, plan, next, e);
            } catch (QmpException e) {
                return goBack(old, plan, next, new UpdateFailure(statusOf(e), e.getMessage()));
            }
        });
    }

    private interface Work {
        UpdateResult go(OldVm old, UpdatePlan plan, NewVm next);
    }

    private UpdateResult withPlan(Work work) {
        try (OldVm old = OldVm.discover(request.qmp(), host, deadline.atMost(COMMAND), watch::poke);
                ProcessHost.Claim _ = claim(old)) {
            UpdatePlan plan = UpdatePlan.make(old, request);
            command = plan.command();
            try (NewVm next = new NewVm(plan, host, watch)) {
                enter(
                        UpdateState.PLANNED,
                        "process " + old.process().pid() + " (" + old.program().name() + " " + old.version() + ", "
                                + old.runState() + ") to generation "
                                + plan.next().generation());
                return work.go(old, plan, next);
            }
        } catch (UpdateFailure e) {
            return result(e.status(), e.getMessage(), Optional.empty(), "");
        } catch (QmpException e) {
            return result(ExitStatus.UNREACHABLE, e.getMessage(), Optional.empty(), "");
        }
    }

    /** Before anything is looked at or changed: two updates would undo each other's settings. */
    private ProcessHost.Claim claim(OldVm old) throws UpdateFailure {
        Optional<ProcessHost.Claim> claim = host.claim(old.process().pid());
        if (claim.isEmpty()) {
            Finding finding = new Finding(
                    Finding.Code.UPDATE_RUNNING,
                    "process " + old.process().pid(),
                    "another update of it is under way",
                    "wait for its end");
            findings.add(finding);
            journal.found(finding);
            throw new UpdateFailure(ExitStatus.REFUSED, "a check failed; nothing was done");
        }
        return claim.get();
    }

    private UpdateResult conduct(OldVm old, UpdatePlan plan, NewVm next) {
        try {
            check(old, plan);
            stage(old, next, plan);
            arm(old, next, plan);
            switchOver(old, next, plan);
            return commit(old, next, plan);
        } catch (UpdateFailure e) {
            return goBack(old, plan, next, e);
        } catch (QmpException e) {
            return goBack(old, plan, next, new UpdateFailure(statusOf(e), e.getMessage()));
        }
    }

    private static ExitStatus statusOf(QmpException e) {
        return e instanceof QmpException.TimedOut ? ExitStatus.TIMED_OUT : ExitStatus.FAILED;
    }

    private void check(OldVm old, UpdatePlan plan) throws QmpException, UpdateFailure {
        Optional<String> modeRefusal = Optional.empty();
        try {
            old.prepare(request.mode().qapiName()); // the blockers that a VM reports are those of its current mode
        } catch (QmpException.ErrorReply e) {
            modeRefusal = Optional.of(e.description());
        }
        VmMonitor monitor = old.monitor();
        MigrationInfo migration = monitor.migration();
        findings.addAll(VmChecks.findings(new VmFacts(
                old.runState(),
                modeRefusal,
                migration.isRunning(),
                migration.blockedReasons(),
                monitor.memory(),
                monitor.machineProperty("aux-ram-share").map(value -> value.asBoolean()),
                monitor.chardevs(),
                old.program().arguments())));
        findings.addAll(plan.next().findings());
        findings.addAll(HostChecks.findings(host, old.facts(), plan, request.qmp()));
        findings.forEach(journal::found);
        long refusals = findings.stream().filter(Finding::refuses).count();
        if (refusals > 0) {
            throw new UpdateFailure(ExitStatus.REFUSED, refusals == 1 ? "a check failed" : refusals + " checks failed");
        }
        enter(UpdateState.CHECKED, findings.isEmpty() ? "nothing found" : findings.size() + " to know about");
    }

    private void stage(OldVm old, NewVm next, UpdatePlan plan) throws QmpException, UpdateFailure {
        stopIfAsked();
        next.start(old.facts());
        watch.await("the new process did not ask for the guest's memory", deadline, () -> {
            stopIfAsked();
            return next.waitsForMemory();
        });
        enter(
                UpdateState.STAGED,
                "process " + next.pid() + " (" + plan.program().name() + ") waits");
    }

    private void arm(OldVm old, NewVm next, UpdatePlan plan) throws QmpException, UpdateFailure {
        migrateSent = true;
        old.monitor().setLimit(deadline.left());
        old.monitor().migrate(plan.mainSocket(), plan.cprSocket());
        old.monitor().setLimit(COMMAND);
        MigrationProgress leaving = new MigrationProgress(old.monitor());
        watch.await("the new process did not answer on its monitor", deadline, () -> {
            stopIfAsked();
            SwitchOver.goesOn(leaving);
            return next.answers();
        });
        VmMonitor monitor = next.monitor();
        monitor.setLimit(deadline.atMost(COMMAND));
        String version = monitor.negotiate().toString();
        String runState = monitor.runState();
        if (!runState.equals("inmigrate")) {
            throw new UpdateFailure(
                    ExitStatus.FAILED, "the new process does not wait for the guest: its run state is " + runState);
        }
        if (monitor.capabilities().containsKey("events")) {
            monitor.setCapabilities(Map.of("events", true));
        }
        stopIfAsked();
        enter(UpdateState.ARMED, "process " + next.pid() + " (" + version + ") has the memory and its devices");
    }

    private void switchOver(OldVm old, NewVm next, UpdatePlan plan) throws QmpException, UpdateFailure {
        switching = true;
        SwitchOver way = new SwitchOver(old, next);
        next.monitor().migrateIncoming(plan.mainSocket());
        watch.await("the guest did not stop in the old process", deadline, way::hasStopped);
        enter(UpdateState.PAUSED, old.wasLive() ? "the guest stands still" : "the guest was not running");
        watch.await("the old process did not send its state", deadline, way::hasSent);
        enter(UpdateState.SAVED, "the old process has sent all of its state");
        watch.await("the new process did not take the guest", deadline, way::hasTaken);
    }

    private UpdateResult commit(OldVm old, NewVm next, UpdatePlan plan) {
        enter(UpdateState.TAKEN, "process " + next.pid() + " owns the guest");
        String runState = awaitRunState(old, next);
        Optional<Pause> pause = Pause.measure(old.monitor(), next.monitor(), watch);
        UpdateResult.Handover handover = handover(old, next, plan, runState, pause, List.of());
        if (!runState.equals(old.runState())) {
            return result(
                    ExitStatus.ATTENTION,
                    "process " + next.pid() + " has the guest, but its run state is " + runState + " and was "
                            + old.runState() + "; the old process "
                            + old.process().pid()
                            + " was left alone: end it with quit once you know why, and never let it go on",
                    Optional.of(handover),
                    "");
        }
        enter(UpdateState.RUNNING_NEW, "the guest is " + runState + " in process " + next.pid());
        Commit commit = new Commit(old, plan);
        if (!commit.endOldProcess()) {
            return result(
                    ExitStatus.ATTENTION,
                    "the guest is " + runState + " in process " + next.pid() + ", but the old process "
                            + old.process().pid() + " could not be ended; never let it go on",
                    Optional.of(handover),
                    "");
        }
        List<Path> links = commit.link();
        next.removePrivateFolder();
        enter(UpdateState.COMMITTED, "process " + old.process().pid() + " has ended");
        return result(
                ExitStatus.OK,
                "the guest is " + runState + " in process " + next.pid(),
                Optional.of(handover(old, next, plan, runState, pause, links)),
                "");
    }

    /** The new run state, as soon as it is what the old one was; else what it is when the time is up. */
    private String awaitRunState(OldVm old, NewVm next) {
        String[] last = {"unknown"};
        try {
            next.monitor().setLimit(COMMAND);
            watch.happens(COMMAND, () -> {
                last[0] = next.monitor().runState();
                return last[0].equals(old.runState());
            });
        } catch (QmpException | UpdateFailure e) {
            return "unknown (" + e.getMessage() + ")";
        }
        return last[0];
    }

    private static UpdateResult.Handover handover(
            OldVm old, NewVm next, UpdatePlan plan, String runState, Optional<Pause> pause, List<Path> links) {
        List<PathMove> moves = plan.next().moves();
        return new UpdateResult.Handover(
                old.process().pid(), next.pid(), runState, plan.qmp().orElseThrow(), moves, links, plan.log(), pause);
    }

    private UpdateResult goBack(OldVm old, UpdatePlan plan, NewVm next, UpdateFailure why) {
        BackOut backOut = new BackOut(old, next, watch);
        if (switching && backOut.isTaken()) {
            while (state.get() != UpdateState.SAVED) {
                enter(state.get() == UpdateState.ARMED ? UpdateState.PAUSED : UpdateState.SAVED, "seen late");
            }
            return commit(old, next, plan);
        }
        Optional<String> doubt = backOut.run(migrateSent, switching);
        String output = next.output();
        if (doubt.isPresent()) {
            return result(ExitStatus.ATTENTION, why.getMessage() + "; then " + doubt.get(), Optional.empty(), output);
        }
        enter(UpdateState.ABORTED, why.getMessage());
        String where = "the guest is " + old.runState() + " in process "
                + old.process().pid() + ", as before";
        return result(why.status(), why.getMessage() + "; " + where, Optional.empty(), output);
    }

    private void stopIfAsked() throws UpdateFailure {
        if (cancellation.isRequested()) {
            throw new UpdateFailure(ExitStatus.INTERRUPTED, "the update was asked to stop");
        }
    }

    private void enter(UpdateState next, String detail) {
        if (state.isPresent() && !state.get().allows(next)) {
            throw new IllegalStateException(state.get() + " does not lead to " + next);
        }
        state = Optional.of(next);
        journal.entered(new UpdateStep(next, took(), detail));
    }

    private Duration took() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    private UpdateResult result(
            ExitStatus status, String message, Optional<UpdateResult.Handover> handover, String output) {
        return new UpdateResult(status, state, message, took(), List.copyOf(findings), command, handover, output);
    }
}
