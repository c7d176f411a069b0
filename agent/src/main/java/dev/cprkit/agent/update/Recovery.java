package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.Outcomes;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Finishes, or backs out, an update whose runner was killed, or had its host's power cut, at any instant.
 *
 * <p>The journal says how far it had come and what it had touched; where the guest is, the processes themselves say. The
 * guest of a vmm cannot be doubled, because both processes keep a record of who owns it; that of a QEMU can, and so a
 * process is let go on only where the guest cannot have run elsewhere, and one that may have it is never ended.
 *
 * <p>cpr-transfer. Both processes go on by themselves, so what is on its way is waited for first.
 *
 * <pre>
 *   journal           new process               old process   so
 *   up to CHECKED     none                      has guest     settings back: ABORTED
 *   CHECKED, STAGED   there (was never told     has guest     migrate_cancel, new one killed, traces removed,
 *                     to take the guest)                      settings back: ABORTED
 *   ARMED … TAKEN     waits, or is gone         has guest     the same
 *                     loads for too long        any           fenced with stop, then as what it turns out to be
 *                     has the guest             sent, gone    goes forward: old ended, links: COMMITTED
 *                     has the guest, paused     sent, gone    the same after cont: it was a fence that stopped it
 *                     has the guest             has guest     ATTENTION: both are left alone
 *                     waits                     sent          new one killed; cont on the old one: ABORTED
 *                     gone                      sent          vmm: cont, which it refuses if the guest was taken;
 *                                                             QEMU: left stopped, ATTENTION
 *                     does not answer           has guest     killed: ABORTED
 *                     does not answer           other         left alone, ATTENTION
 *                     gone, or waits            gone          the guest is lost: ATTENTION
 *   RUNNING_NEW       there                     any           old ended, links: COMMITTED
 *                     gone                      any           ATTENTION
 * </pre>
 *
 * <p>cpr-exec. There is one process; its command line says which program it runs.
 *
 * <pre>
 *   runs the old program, has the guest              settings back: ABORTED
 *   runs the old program, is sending                 may become the new one; else migrate_cancel: ABORTED
 *   runs the old program, has sent                   may become the new one; else cont: ABORTED
 *   runs the new program, waits for its state        told where it is, then as below
 *   runs the new program, the guest is as before     COMMITTED
 *   runs the new program, otherwise                  ATTENTION, the state's file stays
 *   gone                                             the guest is lost: ATTENTION
 * </pre>
 *
 * <p>cpr-reboot. Nothing is started before the old process has ended.
 *
 * <pre>
 *   old has the guest, is sending, or has sent       migrate_cancel or cont, the file removed: ABORTED
 *   old gone, state not saved                        the guest is lost: ATTENTION
 *   old gone, state saved, new never started         started now: COMMITTED; failing that, the previous program:
 *                                                    ROLLED_BACK; failing that, the guest stays in its file: SAVED
 *   old gone, new waits                              killed, and another one started: as before
 *   old gone, new has the guest as before            COMMITTED
 *   old gone, new gone or otherwise                  ATTENTION, the state's file stays
 * </pre>
 *
 * <p>An update that was being taken back in its probation is one in the other direction: it ends ROLLED_BACK, or the
 * guest stays in the program that was on probation, and somebody has to look.
 */
public final class Recovery {
    /** A command that only vmm has: it keeps a record of who owns the guest. */
    static final String OWN_COMMAND = "x-query-cpr-timeline";

    private final ProcessHost host;
    private final RecoveryScene.Identity identity;

    /** For processes of this host. */
    public Recovery(ProcessHost host) {
        this(host, (monitor, pid) -> monitor.peer().pid() == pid);
    }

    Recovery(ProcessHost host, RecoveryScene.Identity identity) {
        this.host = host;
        this.identity = identity;
    }

    /**
     * Does so, on the caller's thread; never throws for anything that the VMs or the host do.
     *
     * @param operation as the journal has it
     * @param evidence what it has touched
     * @param journal is told of the states that follow
     */
    public Outcome recover(Operation operation, Optional<Evidence> evidence, UpdateJournal journal) {
        UpdateState last = operation.state().orElse(UpdateState.PLANNED);
        Course course = new Course(
                new Late(journal, operation.began()), new Cancellation(), Duration.ofMinutes(1), Optional.of(last));
        boolean takingBack = isTakingBack(operation.steps());
        if (last == UpdateState.ABORTED && takingBack) {
            return outcome(
                    ExitStatus.ATTENTION,
                    "whoever ran it is gone; the guest is in the new program, and taking it back had failed: "
                            + detail(operation));
        }
        if (last == UpdateState.ABORTED) {
            return outcome(ExitStatus.ABORTED, "whoever ran it is gone; it had backed out: " + detail(operation));
        }
        if (last == UpdateState.ROLLED_BACK) {
            return outcome(ExitStatus.ROLLED_BACK, "whoever ran it is gone; it had gone back: " + detail(operation));
        }
        if (evidence.isEmpty()) {
            return end(course, ExitStatus.ABORTED, UpdateState.ABORTED, "whoever ran it is gone; nothing was done");
        }
        // Once a process was started the evidence is that of the way there, of which nothing is known on the way back
        // yet.
        boolean there = takingBack
                && last == UpdateState.PLANNED
                && evidence.get().next().isPresent();
        UpdateState reached = there ? UpdateState.RUNNING_NEW : last;
        try (RecoveryScene scene = new RecoveryScene(host, evidence.get(), reached, identity, journal);
                ProcessHost.Claim _ = claim(evidence.get())) {
            Whereabouts where = find(scene);
            return there && where instanceof Whereabouts.InNew
                    ? notTakenBack(course, next(scene))
                    : finish(scene, course, where, takingBack);
        } catch (UpdateFailure e) {
            return outcome(e.status(), e.getMessage());
        }
    }

    private static String detail(Operation operation) {
        return operation.steps().getLast().detail();
    }

    private ProcessHost.Claim claim(Evidence evidence) throws UpdateFailure {
        long pid = evidence.old().pid();
        return host.claim(pid, ProcessHost.CHECK)
                .orElseThrow(() -> new UpdateFailure(
                        ExitStatus.ATTENTION,
                        "whoever ran it is gone, and another update of process " + pid + " is under way"));
    }

    /** Whether it was in its probation, and then began anew. */
    private static boolean isTakingBack(List<Step> steps) {
        boolean ran = false;
        for (Step step : steps) {
            if (ran && step.state() == UpdateState.PLANNED) {
                return true;
            }
            ran |= step.state() == UpdateState.RUNNING_NEW;
        }
        return false;
    }

    private static Whereabouts find(RecoveryScene scene) throws UpdateFailure {
        return switch (scene.evidence.mode()) {
            case CPR_TRANSFER, NORMAL -> new TransferRecovery(scene).find();
            case CPR_EXEC -> new ExecRecovery(scene).find();
            case CPR_REBOOT -> new RebootRecovery(scene).find();
        };
    }

    private Outcome finish(RecoveryScene scene, Course course, Whereabouts where, boolean takingBack) {
        return switch (where) {
            case Whereabouts.InNew _ -> forward(scene, course, takingBack);
            case Whereabouts.InOld _ -> back(scene, course, takingBack);
            case Whereabouts.InPrevious(long pid) -> {
                if (takingBack) {
                    yield notTakenBack(course, scene.next); // the one before on the way back
                }
                PrivateFolder.remove(scene.evidence.privateFolder());
                scene.next.answering().ifPresent(scene.evidence.settings()::carryTo);
                yield end(
                        course,
                        ExitStatus.ROLLED_BACK,
                        UpdateState.ROLLED_BACK,
                        "whoever ran it is gone; the guest is " + scene.evidence.oldRunState()
                                + " in the previous program again, process " + pid);
            }
            case Whereabouts.InFile(Path file, String advice) ->
                outcome(
                        ExitStatus.SAVED,
                        "whoever ran it is gone; the guest is stopped, and its state is in " + file + ": " + advice);
            case Whereabouts.Unclear(String what) -> outcome(ExitStatus.ATTENTION, "whoever ran it is gone; " + what);
        };
    }

    private Outcome back(RecoveryScene scene, Course course, boolean takingBack) {
        Optional<String> failed = scene.restoreSettings();
        scene.removeTraces();
        String where = "the guest is " + scene.old.runState() + " in process " + scene.old.pid();
        if (failed.isPresent()) {
            return outcome(
                    ExitStatus.ATTENTION,
                    "whoever ran it is gone; " + where + ", but its migration settings could not be set back: "
                            + failed.get());
        }
        if (takingBack) {
            return notTakenBack(course, scene.old);
        }
        return end(course, ExitStatus.ABORTED, UpdateState.ABORTED, "whoever ran it is gone; " + where + ", as before");
    }

    private static Outcome notTakenBack(Course course, LeftProcess process) {
        return end(
                course,
                ExitStatus.ATTENTION,
                UpdateState.ABORTED,
                "whoever ran it is gone; it was being taken back, and the guest is "
                        + (process.runState().isEmpty() ? "" : process.runState() + " ") + "in process " + process.pid()
                        + ", in the new program");
    }

    private static LeftProcess next(RecoveryScene scene) {
        return scene.evidence.mode() == MigMode.CPR_EXEC ? scene.old : scene.next;
    }

    private Outcome forward(RecoveryScene scene, Course course, boolean takingBack) {
        LeftProcess next = next(scene);
        Optional<Operation.Program> previous = previous(scene);
        Optional<Operation.Program> program = program(next);
        if (!scene.reached(UpdateState.RUNNING_NEW)) {
            course.catchUp(UpdateState.RUNNING_NEW);
        }
        Optional<HostProcess> old = scene.old.process().filter(process -> process.pid() != next.pid());
        if (old.isPresent() && old.get().isAlive()) {
            if (scene.old.look() == Found.HAS_GUEST) {
                return outcome(
                        ExitStatus.ATTENTION,
                        "whoever ran it is gone; the guest is in process " + next.pid() + ", but the old process "
                                + old.get().pid() + " says that it has it too, " + scene.old.runState()
                                + ": both are left alone");
            }
            Commit commit = new Commit(
                    old.get(),
                    scene.old.answering(),
                    scene.evidence.oldQmp(),
                    scene.evidence.directory(),
                    scene.evidence.moves());
            if (!commit.endOldProcess()) {
                return outcome(
                        ExitStatus.ATTENTION,
                        "whoever ran it is gone; the guest is in process " + next.pid() + ", but the old process "
                                + old.get().pid() + " could not be ended; never let it go on");
            }
        }
        Commit.link(scene.evidence.directory(), scene.evidence.moves());
        if (!scene.evidence.moves().isEmpty()) { // in place, it is the new process's log as well
            Commit.removeEmptyLog(scene.evidence.oldQmp());
        }
        PrivateFolder.remove(scene.evidence.privateFolder());
        next.answering().ifPresent(scene.evidence.settings()::carryTo);
        UpdateState last = takingBack ? UpdateState.ROLLED_BACK : UpdateState.COMMITTED;
        Outcome done = end(
                course,
                takingBack ? ExitStatus.ROLLED_BACK : ExitStatus.OK,
                last,
                "whoever ran it is gone; the guest is " + (next.runState().isEmpty() ? "" : next.runState() + " ")
                        + "in process " + next.pid());
        return new Outcome(
                done.status(),
                done.message(),
                done.at(),
                Optional.of(scene.evidence.mode()),
                Optional.empty(),
                program,
                previous,
                "");
    }

    private Optional<Operation.Program> program(LeftProcess process) {
        try {
            ProcessFacts facts = host.facts(process.pid());
            Program program = Program.of(facts.commandLine(), facts.executable());
            return Optional.of(ProgramFile.named(program, process.version()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** By its process, or, that being gone, by the command line that would start it again. */
    private Optional<Operation.Program> previous(RecoveryScene scene) {
        if (scene.old.isAlive() && scene.evidence.mode() != MigMode.CPR_EXEC) {
            return program(scene.old);
        }
        return scene.evidence.oldCommand().stream()
                .findFirst()
                .map(word -> ProgramFile.named(new Program(List.of(word), List.of()), ""));
    }

    private static Outcome end(Course course, ExitStatus status, UpdateState state, String message) {
        if (course.state().isEmpty() || course.state().get().allows(state)) {
            course.enter(state, message);
        }
        return outcome(status, message);
    }

    private static Outcome outcome(ExitStatus status, String message) {
        return Outcomes.of(status, message);
    }

    /** Counts time from the operation's own beginning. */
    private record Late(UpdateJournal journal, Instant began) implements UpdateJournal {
        @Override
        public void entered(UpdateStep step) {
            journal.entered(new UpdateStep(step.state(), Duration.between(began, Instant.now()), step.detail()));
        }

        @Override
        public void found(Finding finding) {
            journal.found(finding);
        }

        @Override
        public void evidence(Evidence evidence) {
            journal.evidence(evidence);
        }
    }
}
