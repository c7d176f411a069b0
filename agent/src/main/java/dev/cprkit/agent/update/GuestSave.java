package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Outcomes;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Saves a VM and ends its process, so that the host can restart: the first half of a cpr-reboot, with all that the second
 * half needs in a manifest. The process is ended only when both are on the disk; until then the guest can go on in it.
 *
 * <p>Memory in files of its own stays there if the host keeps them over a restart; files in memory (tmpfs) are copied, as all
 * other memory is.
 *
 * <p>Not reusable; {@link #run} does it on the caller's thread, and never throws for anything that the VM or the host do.
 */
public final class GuestSave {
    private static final Duration COMMAND = Duration.ofSeconds(10);
    private static final Set<String> VOLATILE = Set.of("tmpfs", "ramfs", "devtmpfs", "hugetlbfs");

    private final SavedStates states;
    private final ProcessHost host;
    private final UpdateJournal journal;
    private final Course course;
    private final UpdateRequest request;

    /**
     * @param folder where the states are
     * @param qmp the VM's monitor
     */
    public GuestSave(
            SavedStates states,
            Path folder,
            Path qmp,
            Duration timeout,
            ProcessHost host,
            UpdateJournal journal,
            Cancellation cancellation) {
        this.states = states;
        this.host = host;
        this.journal = journal;
        this.course = new Course(journal, cancellation, timeout, Optional.empty());
        this.request = new UpdateRequest(
                qmp,
                Optional.empty(),
                timeout,
                List.of(MigMode.CPR_REBOOT),
                Optional.empty(),
                Duration.ZERO,
                Optional.of(folder));
    }

    /** Does so. The outcome is SAVED if it went well. */
    public Outcome run(String operation, VmRecord record) {
        Duration limit = course.deadline().atMost(COMMAND);
        try (OldVm old = OldVm.discover(request.qmp(), host, limit, course.watch()::poke);
                ProcessHost.Claim _ = claim(old)) {
            Operation.Program program = ProgramFile.running(old);
            course.enter(
                    UpdateState.PLANNED,
                    "process " + old.process().pid() + " (" + old.program().name() + " " + old.version() + ", "
                            + old.runState() + ") is to be saved");
            if (states.find(record.name()).isPresent()) {
                throw new UpdateFailure(
                        ExitStatus.REFUSED,
                        "there is a saved state of " + record.name() + " already, in " + states.of(record.name()));
            }
            return save(operation, record, old, program);
        } catch (UpdateFailure e) {
            return outcome(e.status(), e.getMessage());
        } catch (IOException e) {
            return outcome(ExitStatus.REFUSED, e.getMessage());
        }
    }

    private ProcessHost.Claim claim(OldVm old) throws UpdateFailure {
        long pid = old.process().pid();
        return host.claim(pid, ProcessHost.CHECK)
                .orElseThrow(
                        () -> new UpdateFailure(ExitStatus.CONFLICT, "an update of process " + pid + " is under way"));
    }

    private Outcome save(String operation, VmRecord record, OldVm old, Operation.Program program) {
        WayChoice choice = new WayChoice(request, host, course, PauseHistory.NONE, false);
        try (Way chosen = choice.choose(old, old.program());
                RebootWay way = onDisk(old, (RebootWay) chosen)) {
            course.enter(UpdateState.CHECKED, way.ignoresShared() ? "its memory stays in its file" : "it is copied");
            return save(operation, record, old, way, program);
        } catch (UpdateFailure e) {
            return notTried(old, e);
        } catch (QmpException e) {
            return notTried(old, new UpdateFailure(ExitStatus.ABORTED, e.getMessage()));
        }
    }

    private Outcome notTried(OldVm old, UpdateFailure why) {
        try {
            old.restoreSettings();
        } catch (QmpException e) {
            return outcome(ExitStatus.ATTENTION, why.getMessage() + "; then " + e.getMessage());
        }
        course.enter(UpdateState.ABORTED, why.getMessage());
        return outcome(why.status(), why.getMessage() + "; the guest is " + old.runState() + ", as before");
    }

    private RebootWay onDisk(OldVm old, RebootWay chosen) throws QmpException, UpdateFailure {
        if (!chosen.ignoresShared() || isKept(chosen.memoryFiles())) {
            return chosen;
        }
        old.restoreSettings();
        RebootWay copying = chosen.copyingAll();
        old.intend(MigMode.CPR_REBOOT, false);
        new Witness(journal, host, old, copying.plan(), copying.hotplugged()).tell(false);
        old.prepare(MigMode.CPR_REBOOT);
        if (!copying.look().isEmpty()) {
            copying.look().forEach(journal::found);
            throw new UpdateFailure(ExitStatus.REFUSED, "a check failed");
        }
        return copying;
    }

    private static boolean isKept(List<Path> files) {
        for (Path file : files) {
            try {
                if (VOLATILE.contains(Files.getFileStore(file).type())) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    private Outcome save(String operation, VmRecord record, OldVm old, RebootWay way, Operation.Program program) {
        try {
            way.leave();
            if (old.canGoOn()) {
                course.stopIfAsked();
            }
            keep(operation, record, old, way, program);
        } catch (UpdateFailure e) {
            return recover(old, way, e);
        } catch (QmpException | IOException e) {
            return recover(old, way, new UpdateFailure(ExitStatus.ABORTED, e.getMessage()));
        }
        String where = "the guest is stopped, and its state is saved in " + states.of(record.name());
        if (!new Commit(old, way.plan()).endOldProcess()) {
            return outcome(
                    ExitStatus.ATTENTION,
                    where + ", but the process " + old.process().pid() + " could not be ended; never let it go on");
        }
        return outcome(ExitStatus.SAVED, where);
    }

    private void keep(String operation, VmRecord record, OldVm old, RebootWay way, Operation.Program program)
            throws QmpException, IOException {
        Map<Path, Long> memory = new HashMap<>();
        for (Path file : way.memoryFiles()) {
            SavedStates.sync(file); // what the guest has in it is in the page cache
            memory.put(file, Files.size(file));
        }
        UpdatePlan plan = way.plan();
        Path state = plan.stateFile().orElseThrow();
        states.keep(
                plan.privateFolder(),
                new SavedVm(
                        record,
                        operation,
                        states.nextOrder(),
                        Instant.now(),
                        old.runState(),
                        program,
                        old.program().words(),
                        plan.next().arguments(),
                        plan.directory(),
                        Witness.environment(old),
                        plan.qmp().orElseThrow(),
                        links(old, plan.directory()),
                        plan.log(),
                        Files.size(state),
                        FileDigest.of(state),
                        way.ignoresShared(),
                        memory,
                        way.hotplugged().commands(),
                        old.settings()));
    }

    /** The paths that clients know, with those of this generation. */
    private static Map<Path, Path> links(OldVm old, Path directory) {
        Map<Path, Path> links = new HashMap<>();
        for (PathMove move : new CommandLineRewrite(Map.of(), "none")
                .rewrite(old.program().arguments())
                .moves()) {
            if (move.kind() != Kind.ABSTRACT_SOCKET) {
                links.put(
                        directory.resolve(move.base()),
                        directory.resolve(move.from()).getFileName());
            }
        }
        return links;
    }

    private Outcome recover(OldVm old, RebootWay way, UpdateFailure why) {
        return switch (way.recover(why)) {
            case Whereabouts.InOld _ -> {
                course.enter(UpdateState.ABORTED, why.getMessage());
                yield outcome(
                        ExitStatus.ABORTED,
                        why.getMessage() + "; the guest is " + old.runState() + " in process "
                                + old.process().pid() + ", as before");
            }
            case Whereabouts.Unclear(String what) -> outcome(ExitStatus.ATTENTION, why.getMessage() + "; then " + what);
            case Whereabouts.InFile(Path file, String advice) ->
                outcome(ExitStatus.SAVED, why.getMessage() + "; the guest's state is in " + file + ": " + advice);
            case Whereabouts.InNew _, Whereabouts.InPrevious _ ->
                outcome(ExitStatus.ATTENTION, why.getMessage() + "; then the guest was found in process " + way.pid());
        };
    }

    private static Outcome outcome(ExitStatus status, String message) {
        return Outcomes.of(status, message, MigMode.CPR_REBOOT);
    }
}
