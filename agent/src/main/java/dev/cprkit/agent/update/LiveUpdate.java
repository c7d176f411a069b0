package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One live update, from beginning to end, on the caller's thread.
 *
 * <p>What is the same in every mode is here: who has the guest is found and claimed, a mode is chosen by the checks, the
 * guest's state in the new program is compared with what it was, the old process is ended, and the new one watched for
 * as long as the request says. How the guest gets from one program to the other is a {@link Way}.
 *
 * <p>A failure before the new program has the guest ends with the guest in the old one wherever that is possible. After
 * that there is no way back but an update in the other direction, which is what a probation that goes wrong ends with.
 *
 * <p>Not reusable: make one for each update.
 */
public final class LiveUpdate {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    /** Bytes of what a program that is gone printed last. */
    private static final int TAIL = 4096;

    /** For a guest that is there to get into the state that it was in. */
    private static final Duration SETTLING = Duration.ofSeconds(2);

    private final UpdateRequest request;
    private final ProcessHost host;
    private final Probation probation = new Probation();
    private final Course course;
    private final Optional<Undone> undone;
    private final WayChoice choice;
    private Optional<Operation.Program> previous = Optional.empty();
    private Optional<Operation.Program> program = Optional.empty();

    /**
     * The update that this one takes back.
     *
     * @param back the program that the guest came from
     * @param claimed the process that is claimed already
     */
    private record Undone(Program back, long claimed) {}

    /** {@code journal} is called on the thread that calls {@link #run}. */
    public LiveUpdate(UpdateRequest request, ProcessHost host, UpdateJournal journal, Cancellation cancellation) {
        this(request, host, journal, cancellation, PauseHistory.NONE);
    }

    /** The same, with what is known of earlier updates of this VM. */
    public LiveUpdate(
            UpdateRequest request,
            ProcessHost host,
            UpdateJournal journal,
            Cancellation cancellation,
            PauseHistory history) {
        this(
                request,
                host,
                new Course(journal, cancellation, request.timeout(), Optional.empty()),
                history,
                Optional.empty());
    }

    private LiveUpdate(
            UpdateRequest request, ProcessHost host, Course course, PauseHistory history, Optional<Undone> undone) {
        this.request = request;
        this.host = host;
        this.undone = undone;
        this.course = course;
        this.choice = new WayChoice(request, host, course, history, undone.isPresent());
    }

    /** Ends the probation before its time; may be used at any time, on any thread. */
    public Probation probation() {
        return probation;
    }

    /** Does the update. Never throws for anything that the VMs or the host do; the result says what happened. */
    public UpdateResult run() {
        return withOld(this::conduct);
    }

    /** Goes as far as the checks, and leaves everything as it was. The result holds the new command line. */
    public UpdateResult check() {
        return withOld(old -> {
            try (Way _ = choose(old)) {
                old.restoreSettings();
                return result(ExitStatus.OK, "an update would be tried", Optional.empty(), "");
            } catch (UpdateFailure e) {
                return notTried(old, e);
            } catch (QmpException e) {
                return notTried(old, new UpdateFailure(ExitStatus.ABORTED, e.getMessage()));
            }
        });
    }

    private interface Work {
        UpdateResult go(OldVm old) throws QmpException;
    }

    private UpdateResult withOld(Work work) {
        Duration limit = course.deadline().atMost(COMMAND);
        try (OldVm old = OldVm.discover(request.qmp(), host, limit, course.watch()::poke);
                ProcessHost.Claim _ = claim(old)) {
            previous = Optional.of(ProgramFile.running(old));
            course.enter(
                    UpdateState.PLANNED,
                    "process " + old.process().pid() + " (" + old.program().name() + " " + old.version() + ", "
                            + old.runState() + ") to " + next(old).name());
            return work.go(old);
        } catch (UpdateFailure e) {
            return result(e.status(), e.getMessage(), Optional.empty(), "");
        } catch (QmpException e) {
            return result(ExitStatus.UNREACHABLE, e.getMessage(), Optional.empty(), "");
        }
    }

    /** Before anything is looked at or changed: two updates would undo each other's settings. */
    private ProcessHost.Claim claim(OldVm old) throws UpdateFailure {
        long pid = old.process().pid();
        if (undone.isPresent() && undone.get().claimed() == pid) {
            return () -> {};
        }
        Optional<ProcessHost.Claim> claim = host.claim(pid, ProcessHost.CHECK);
        if (claim.isEmpty()) {
            Finding finding = new Finding(
                    Finding.Code.UPDATE_RUNNING,
                    "process " + pid,
                    "another update of it is under way",
                    "wait for its end");
            course.journal().found(finding);
            throw new UpdateFailure(ExitStatus.CONFLICT, "another update of process " + pid + " is under way");
        }
        return claim.get();
    }

    private Program next(OldVm old) {
        if (undone.isPresent()) {
            return new Program(undone.get().back().words(), old.program().arguments());
        }
        return request.program()
                .map(path -> old.program().replacedBy(path.toAbsolutePath()))
                .orElse(old.program());
    }

    private Way choose(OldVm old) throws QmpException, UpdateFailure {
        Way way = choice.choose(old, next(old));
        String found = choice.findings().isEmpty()
                ? "nothing found"
                : choice.findings().size() + " to know about";
        course.enter(UpdateState.CHECKED, way.plan().mode().qapiName() + ", " + found + choice.passedOver());
        return way;
    }

    private UpdateResult notTried(OldVm old, UpdateFailure why) {
        if (old.hasEnded()) {
            String lost = why.getMessage() + "; the guest is lost: process "
                    + old.process().pid() + " has ended";
            return result(ExitStatus.ATTENTION, lost, Optional.empty(), "");
        }
        try {
            old.restoreSettings();
        } catch (QmpException e) {
            return result(ExitStatus.ATTENTION, why.getMessage() + "; then " + e.getMessage(), Optional.empty(), "");
        }
        return aborted(old, why, "");
    }

    private UpdateResult conduct(OldVm old) {
        try (Way way = choose(old)) {
            return conduct(old, way);
        } catch (UpdateFailure e) {
            return notTried(old, e);
        } catch (QmpException e) {
            return notTried(old, new UpdateFailure(ExitStatus.ABORTED, e.getMessage()));
        }
    }

    private UpdateResult conduct(OldVm old, Way way) {
        try {
            way.move();
            return settle(old, way);
        } catch (UpdateFailure e) {
            return recover(old, way, e);
        } catch (QmpException e) {
            return recover(old, way, new UpdateFailure(ExitStatus.ABORTED, e.getMessage()));
        }
    }

    private UpdateResult recover(OldVm old, Way way, UpdateFailure why) {
        return switch (way.recover(why)) {
            case Whereabouts.InNew _ -> settle(old, way);
            case Whereabouts.InOld _ -> aborted(old, why, way.output());
            case Whereabouts.InPrevious(long pid) -> {
                boolean back = undone.isPresent();
                String where = "the guest is " + old.runState() + " in the "
                        + (back ? "program that it was taken back from" : "previous program again") + ", process "
                        + pid;
                course.enter(back ? UpdateState.ABORTED : UpdateState.ROLLED_BACK, why.getMessage());
                old.settings().carryTo(way.monitor());
                UpdateResult.Handover handover = handover(old, way, old.runState(), way.pause(), List.of());
                yield result(
                        back ? ExitStatus.ATTENTION : ExitStatus.ROLLED_BACK,
                        why.getMessage() + "; " + where,
                        Optional.of(handover),
                        way.output());
            }
            case Whereabouts.InFile(Path file, String advice) ->
                result(
                        ExitStatus.SAVED,
                        why.getMessage() + "; the guest is stopped, and its state is in " + file + ": " + advice,
                        Optional.empty(),
                        way.output());
            case Whereabouts.Unclear(String what) ->
                result(ExitStatus.ATTENTION, why.getMessage() + "; then " + what, Optional.empty(), way.output());
        };
    }

    private UpdateResult aborted(OldVm old, UpdateFailure why, String output) {
        course.enter(UpdateState.ABORTED, why.getMessage());
        String where = "the guest is " + old.runState() + " in process "
                + old.process().pid() + ", as before";
        return result(why.status(), why.getMessage() + "; " + where, Optional.empty(), output);
    }

    private UpdateResult settle(OldVm old, Way way) {
        course.enter(UpdateState.TAKEN, "process " + way.pid() + " owns the guest");
        program = Optional.of(ProgramFile.named(way.plan().program(), way.version()));
        String runState = awaitRunState(old, way);
        if (isGone(way)) {
            return goneWithGuest(old, way);
        }
        Optional<Pause> pause = way.pause();
        UpdateResult.Handover handover = handover(old, way, runState, pause, List.of());
        if (!runState.equals(old.runState())) {
            Optional<Path> kept = way.plan().stateFile().filter(Files::exists);
            if (kept.isEmpty()) {
                way.tidy();
            }
            return result(
                    ExitStatus.ATTENTION,
                    "process " + way.pid() + " has the guest, but its run state is " + runState + " and was "
                            + old.runState() + oldOne(old, way)
                            + kept.map(file -> "; what it was before is in " + file)
                                    .orElse(""),
                    Optional.of(handover),
                    "");
        }
        course.enter(UpdateState.RUNNING_NEW, "the guest is " + runState + " in process " + way.pid());
        if (isGone(way)) { // as long as the old one is there
            return goneWithGuest(old, way);
        }
        way.tidy();
        old.settings().carryTo(way.monitor());
        if (!way.endOld()) {
            return result(
                    ExitStatus.ATTENTION,
                    "the guest is " + runState + " in process " + way.pid() + ", but the old process "
                            + old.process().pid() + " could not be ended; never let it go on",
                    Optional.of(handover),
                    "");
        }
        List<Path> links = way.link();
        String now = undone.isPresent() && runState.equals("io-error") ? tryAgain(way) : runState;
        handover = handover(old, way, now, pause, links);
        return request.probation().isZero() ? committed(handover, "") : onProbation(old, way, handover);
    }

    /** Not because the guest, or somebody, switched the VM off. */
    private static boolean isGone(Way way) {
        if (!way.hasEnded()) {
            return false;
        }
        way.monitor().awaitEnd(SETTLING); // its last words
        return !way.monitor().events().has("SHUTDOWN");
    }

    /** The new program had the guest, and is gone. What is left of the guest is left alone. */
    private UpdateResult goneWithGuest(OldVm old, Way way) {
        long pid = way.pid();
        MigMode mode = way.plan().mode();
        boolean inOld = mode == MigMode.CPR_TRANSFER && old.process().isAlive();
        Optional<Path> kept = way.plan().stateFile().filter(file -> mode == MigMode.CPR_REBOOT && Files.exists(file));
        String output = LinuxHost.tail(way.log(), TAIL);
        if (kept.isEmpty()) {
            way.tidy();
        }
        String left = inOld
                ? "the guest is stopped in the old process " + old.process().pid()
                        + ": never let it go on unless you know that it has not run in the new one"
                : kept.map(file -> "the guest is stopped, and what it was before is in " + file)
                        .orElse("the guest is lost");
        return result(
                ExitStatus.ATTENTION,
                "process " + pid + " had the guest, and has ended; " + left,
                Optional.empty(),
                output);
    }

    /** A guest that was stopped because the program that it is taken back from could not read or write its disks. */
    private static String tryAgain(Way way) {
        try {
            way.monitor().cont();
            return way.monitor().runState();
        } catch (QmpException e) {
            return "io-error"; // it stays as it was
        }
    }

    private static String oldOne(OldVm old, Way way) {
        long pid = old.process().pid();
        return pid == way.pid() || !old.process().isAlive()
                ? "; look at what it says on its monitor"
                : "; the old process " + pid
                        + " was left alone: end it with quit once you know why, and never let it go on";
    }

    /** @param since what has become of the VM since then, for the message; mostly nothing */
    private UpdateResult committed(UpdateResult.Handover handover, String since) {
        String ended = handover.oldPid() == handover.newPid()
                ? "the update stays"
                : "process " + handover.oldPid() + " has ended";
        course.enter(undone.isPresent() ? UpdateState.ROLLED_BACK : UpdateState.COMMITTED, ended);
        return result(
                ExitStatus.OK,
                "the guest " + (since.isEmpty() ? "is " : "was ") + handover.runState() + " in process "
                        + handover.newPid() + since + overBudget(handover),
                Optional.of(handover),
                "");
    }

    private String overBudget(UpdateResult.Handover handover) {
        Optional<Duration> budget = request.pauseBudget();
        Optional<Duration> pause = handover.pause().map(Pause::length);
        return budget.isPresent() && pause.isPresent() && pause.get().compareTo(budget.get()) > 0
                ? "; it stood still for " + pause.get().toMillis() + " ms, over the budget of "
                        + budget.get().toMillis() + " ms"
                : "";
    }

    private UpdateResult onProbation(OldVm old, Way way, UpdateResult.Handover handover) {
        ProbationWatch watch = new ProbationWatch(
                way.monitor(), way.pid(), host, course.watch(), probation, ProbationWatch.Pace.USUAL);
        return switch (watch.await(request.probation())) {
            case ProbationWatch.Passed(String since) -> committed(handover, since);
            case ProbationWatch.Bad(String why) -> rollBack(old, way, handover, why);
            case ProbationWatch.Lost(String why) ->
                result(
                        ExitStatus.ATTENTION,
                        "in its probation " + why + ", so that the guest cannot be taken back",
                        Optional.of(handover),
                        LinuxHost.tail(way.log(), TAIL));
        };
    }

    /** An update in the other direction, with the program whose process had the guest before. */
    private UpdateResult rollBack(OldVm old, Way way, UpdateResult.Handover handover, String why) {
        Operation.Program before = previous.orElseThrow();
        if (!FileDigest.ifKnown(before.path()).equals(before.sha256())) {
            return result(
                    ExitStatus.ATTENTION,
                    why + ", but the previous program is not at " + before.path()
                            + " any more; the guest is in process " + way.pid(),
                    Optional.of(handover),
                    "");
        }
        way.close(); // a monitor serves one client at a time
        UpdateRequest back = new UpdateRequest(
                handover.qmp(),
                Optional.empty(),
                request.timeout(),
                backModes(way),
                Optional.empty(),
                Duration.ZERO,
                request.stateFolder());
        Undone taken = new Undone(old.program(), old.process().pid());
        LiveUpdate update =
                new LiveUpdate(back, host, course.back(request.timeout()), PauseHistory.NONE, Optional.of(taken));
        UpdateResult result = update.run();
        boolean done = result.status() == ExitStatus.OK;
        return new UpdateResult(
                done
                        ? ExitStatus.ROLLED_BACK
                        : result.status() == ExitStatus.SAVED ? result.status() : ExitStatus.ATTENTION,
                result.state(),
                why + (done ? "; back in the previous program, " : "; taking it back failed: ") + result.message(),
                course.took(),
                choice.findings(),
                command(),
                result.handover().or(() -> Optional.of(handover)),
                result.output(),
                result.mode(),
                previous,
                result.program().or(() -> program));
    }

    /** The way that it came is known to work. */
    private List<MigMode> backModes(Way way) {
        List<MigMode> modes = new ArrayList<>(List.of(way.plan().mode()));
        request.modes().stream().filter(mode -> mode != way.plan().mode()).forEach(modes::add);
        return modes;
    }

    /** The new run state, as soon as it is what the old one was; else what it is when it does not change any more. */
    private String awaitRunState(OldVm old, Way way) {
        String[] last = {"unknown"};
        try {
            way.monitor().setLimit(COMMAND);
            Watch.Happened asBefore = () -> {
                last[0] = way.monitor().runState();
                return last[0].equals(old.runState());
            };
            if (!course.watch().happens(SETTLING, asBefore) && last[0].equals("inmigrate")) {
                course.watch().happens(COMMAND, asBefore);
            }
        } catch (QmpException | UpdateFailure e) {
            return "unknown (" + e.getMessage() + ")";
        }
        return last[0];
    }

    private static UpdateResult.Handover handover(
            OldVm old, Way way, String runState, Optional<Pause> pause, List<Path> links) {
        UpdatePlan plan = way.plan();
        return new UpdateResult.Handover(
                old.process().pid(),
                way.pid(),
                runState,
                plan.qmp().orElseThrow(),
                plan.next().moves(),
                links,
                way.log(),
                pause);
    }

    private List<String> command() {
        return choice.plan().map(UpdatePlan::command).orElse(List.of());
    }

    private UpdateResult result(
            ExitStatus status, String message, Optional<UpdateResult.Handover> handover, String output) {
        return new UpdateResult(
                status,
                course.state(),
                message,
                course.took(),
                choice.findings(),
                command(),
                handover,
                output,
                choice.plan().map(UpdatePlan::mode),
                previous,
                program);
    }
}
