package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.VmEvents;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpEvent;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Mode cpr-exec: the old process becomes the new program (reference/qemu-cpr.md, sections 2.5 and 5.5).
 *
 * <p>Guest memory stays in the process, the state goes through a file, and the new program reads it by itself, so that
 * the guest goes on even if we are gone by then; only one with hot-plugged devices waits until it was given them. What tells that the program was replaced is that the monitor hangs up:
 * {@code completed} does not, because the replacing comes after it and may fail, and then the guest goes on in the old
 * program. Once it was replaced there is no way back: a new program that fails now takes the guest with it.
 */
final class ExecWay implements Way {
    private static final Duration COMMAND = Duration.ofSeconds(10);
    private static final Duration SLICE = Duration.ofMillis(50);

    /** From the end of the last connection until the kernel shows the new program's command line. */
    private static final Duration REPLACING = Duration.ofSeconds(2);

    /** What the new program may take at least, whatever the request allows: giving up would help nobody. */
    private static final Duration ARRIVAL = Duration.ofMinutes(1);

    private static final int TAIL = 4096;

    private final Course course;
    private final ProcessHost host;
    private final Witness witness;
    private final OldVm old;
    private final UpdatePlan plan;
    private final Hotplugged hotplugged;
    private final Optional<Path> prints;
    private Optional<VmMonitor> next = Optional.empty();
    private Optional<Instant> seen = Optional.empty();
    private String version = "";
    private boolean migrateSent;
    private boolean replaced;

    ExecWay(Course course, ProcessHost host, Witness witness, OldVm old, UpdatePlan plan, Hotplugged hotplugged) {
        this.course = course;
        this.host = host;
        this.witness = witness;
        this.old = old;
        this.plan = plan;
        this.hotplugged = hotplugged;
        this.prints = host.printsTo(old.process().pid());
    }

    @Override
    public UpdatePlan plan() {
        return plan;
    }

    @Override
    public void move() throws QmpException, UpdateFailure {
        stageStateFile(course);
        old.setExecCommand(plan.command());
        course.stopIfAsked();
        course.enter(
                UpdateState.ARMED,
                "process " + pid() + " is told to become " + plan.program().name());
        leave();
        arrive();
    }

    private void leave() throws QmpException, UpdateFailure {
        course.stopIfAsked();
        migrateSent = true;
        try {
            old.monitor().setLimit(course.deadline().left()); // a program that asks the next one first takes its time
            old.monitor().migrateTo(plan.stateFile().orElseThrow());
            old.monitor().setLimit(COMMAND);
        } catch (QmpException.Disconnected e) {
            // it was quicker than its answer
        }
        Departure leaving = new Departure(old);
        course.watch().await("process " + pid() + " did not become the new program", course.deadline(), () -> {
            boolean gone = old.monitor().isClosed();
            noteProgress();
            if (!gone) {
                course.stopIfAsked();
                try {
                    leaving.look();
                } catch (QmpException.Disconnected e) {
                    gone = true;
                }
            }
            return gone;
        });
        hungUp();
    }

    /** The old program has told all that it had to tell: because it was replaced, or somebody has cut the connection. */
    private void hungUp() throws QmpException, UpdateFailure {
        old.monitor().awaitEnd(COMMAND);
        noteProgress();
        course.watch().happens(REPLACING, () -> isNewProgram() || !old.process().isAlive());
        if (isNewProgram()) {
            replaced = true;
            course.catchUp(UpdateState.SAVED);
            witness.started(pid());
        } else if (old.process().isAlive()) {
            throw new UpdateFailure(ExitStatus.ATTENTION, whatHungUp());
        }
    }

    private String whatHungUp() {
        try {
            List<String> words = host.facts(pid()).commandLine();
            return words.equals(old.facts().commandLine())
                    ? "the old program hung up, and was not replaced"
                    : "process " + pid() + " became " + words.getFirst() + ", which does not wait for the guest";
        } catch (IOException e) {
            return "the old program hung up, and it cannot be told what process " + pid() + " is now";
        }
    }

    private void noteProgress() {
        VmEvents events = old.monitor().events();
        boolean stopped = events.has("STOP") || events.migrationWas(MigrationStatus.ACTIVE.qapiName());
        if (stopped && course.state().equals(Optional.of(UpdateState.ARMED))) {
            course.enter(UpdateState.PAUSED, old.wasLive() ? "the guest stands still" : "the guest was not running");
        }
        if (events.migrationWas(MigrationStatus.COMPLETED.qapiName())
                && course.state().equals(Optional.of(UpdateState.PAUSED))) {
            course.enter(UpdateState.SAVED, "the guest's state is in the file");
        }
    }

    private void arrive() throws QmpException, UpdateFailure {
        Deadline deadline = course.deadline().left().compareTo(ARRIVAL) > 0 ? course.deadline() : Deadline.in(ARRIVAL);
        course.watch().await("the new program did not answer on its monitor", deadline, this::answers);
        VmMonitor monitor = next.orElseThrow();
        monitor.setLimit(COMMAND);
        if (!hotplugged.commands().isEmpty()) {
            hotplugged.addTo(monitor::execute);
            monitor.migrateFrom(plan.stateFile().orElseThrow());
        }
        course.watch().await("the new program did not take the guest", deadline, () -> {
            checkAlive();
            MigrationInfo arriving = monitor.migration();
            if (arriving.is(MigrationStatus.FAILED)) {
                throw new UpdateFailure(ExitStatus.ATTENTION, "the new program refused the state: " + arriving.error());
            }
            return arriving.is(MigrationStatus.COMPLETED);
        });
        seen = Optional.of(Instant.now());
    }

    /**
     * Whether the new program answers. A client that connects while the program is being replaced may reach the old
     * one's listener, and is cut off: it tries again.
     */
    private boolean answers() throws QmpException, UpdateFailure {
        checkAlive();
        try {
            if (next.isEmpty()) {
                next = Optional.of(VmMonitor.open(plan.qmp().orElseThrow(), SLICE, course.watch()::poke));
            }
            if (!next.get().awaitGreeting(SLICE)) {
                return false;
            }
            next.get().setLimit(COMMAND);
            version = next.get().negotiate().toString();
            return isNewProgram();
        } catch (QmpException.CannotConnect | QmpException.TimedOut e) {
            return false; // not yet bound, or bound and not yet listening
        } catch (QmpException.Disconnected e) {
            hangUp();
            return false;
        }
    }

    /** The state's file stands on no other command line. */
    private boolean isNewProgram() {
        try {
            String state = plan.stateFile().orElseThrow().toString();
            return host.facts(pid()).commandLine().stream().anyMatch(word -> word.contains(state));
        } catch (IOException e) {
            return false;
        }
    }

    private void checkAlive() throws UpdateFailure {
        if (!old.process().isAlive()) {
            throw new UpdateFailure(ExitStatus.ATTENTION, "process " + pid() + " has ended");
        }
    }

    private void hangUp() {
        next.ifPresent(VmMonitor::close);
        next = Optional.empty();
    }

    @Override
    public Whereabouts recover(UpdateFailure why) {
        if (!replaced && !old.process().isAlive()) {
            return lost();
        }
        if (!replaced && !old.monitor().isClosed()) {
            Optional<String> doubt = new BackOut(old, Optional.empty(), course.watch()).run(migrateSent, false);
            if (doubt.isEmpty()) {
                tidy();
                return new Whereabouts.InOld();
            }
            if (!old.monitor().isClosed()) {
                tidyAfterFailure();
                return new Whereabouts.Unclear(doubt.get());
            }
        }
        if (!replaced) {
            try {
                hungUp(); // it became the new program after all
                arrive();
                return new Whereabouts.InNew();
            } catch (UpdateFailure | QmpException e) {
                return old.process().outlivesItsSockets() ? leftAlone(why, e) : lost();
            }
        }
        return old.process().outlivesItsSockets()
                ? new Whereabouts.Unclear("process " + pid() + " is the new program and stays as it is: look at its"
                        + " monitor; the state is in " + plan.stateFile().orElseThrow())
                : lost();
    }

    /** With the migration over, no program comes that could read the state, whatever else is not certain. */
    private void tidyAfterFailure() {
        try {
            MigrationInfo migration = old.monitor().migration();
            if (migration.is(MigrationStatus.FAILED) || migration.is(MigrationStatus.CANCELLED)) {
                tidy();
            }
        } catch (QmpException e) {
            // then it stays
        }
    }

    private Whereabouts leftAlone(UpdateFailure first, Exception now) {
        boolean told = now.getMessage().equals(first.getMessage());
        Optional<Path> state = plan.stateFile().filter(Files::exists);
        return new Whereabouts.Unclear((told ? "" : now.getMessage() + "; ") + "process " + pid()
                + " was left as it is, with the guest's memory"
                + state.map(file -> "; the rest of the guest's state is in " + file)
                        .orElse(""));
    }

    private Whereabouts lost() {
        tidy();
        return new Whereabouts.Unclear("the guest is lost: its memory was in process " + pid() + ", which ended "
                + (hadLeft() ? "as the new program" : "before it became the new program"));
    }

    @Override
    public VmMonitor monitor() {
        return next.orElseThrow();
    }

    @Override
    public boolean hasEnded() {
        return next.isPresent() && next.get().isClosed()
                ? !old.process().outlivesItsSockets()
                : !old.process().isAlive();
    }

    @Override
    public long pid() {
        return old.process().pid();
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Path log() {
        return prints.orElse(plan.log());
    }

    @Override
    public Optional<Pause> pause() {
        Optional<QmpEvent> stop = old.monitor().events().first("STOP");
        Optional<QmpEvent> resume = monitor().events().first("RESUME");
        return resume.isPresent()
                ? Pause.measure(stop, resume, monitor(), course.watch())
                : Pause.upTo(stop, seen.orElseThrow(), monitor(), course.watch());
    }

    @Override
    public void tidy() {
        PrivateFolder.remove(plan.privateFolder());
    }

    @Override
    public boolean endOld() {
        return true; // it is the new one
    }

    @Override
    public List<Path> link() {
        return List.of(); // the new program has bound the same paths
    }

    @Override
    public String output() {
        return migrateSent && prints.isPresent() && !old.process().isAlive() ? LinuxHost.tail(prints.get(), TAIL) : "";
    }

    private boolean hadLeft() {
        return replaced || old.monitor().events().migrationWas(MigrationStatus.COMPLETED.qapiName());
    }

    @Override
    public void close() {
        hangUp();
    }
}
