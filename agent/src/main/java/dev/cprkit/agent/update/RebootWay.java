package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mode cpr-reboot: the guest is saved to a file, the old process ends, and a new one is started from that file
 * (reference/qemu-cpr.md, section 2.6).
 *
 * <p>Memory that is in a file of its own stays there, if all shared memory is: both sides are told to leave it out. All
 * other memory goes through the state's file, as fast as it can, because the guest stands still.
 *
 * <p>Up to the old process's end the guest can go on in it. After that the file is all there is, and it is good for more
 * than one try: if the new program fails before the guest runs in it, the previous program is started from it again,
 * and if that fails too, the file stays.
 */
final class RebootWay extends NewProcessWay {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    /** For a start of the previous program, which takes what it takes. */
    private static final Duration RESTART = Duration.ofMinutes(2);

    /** Room for all state that is not memory. */
    private static final long DEVICES = 16L << 20;

    private final ProcessHost host;
    private final Hotplugged hotplugged;
    private final boolean ignoresShared;
    private final long copied;
    private String output = "";
    private boolean migrateSent;
    private boolean ending;

    private RebootWay(
            Course course,
            ProcessHost host,
            Witness witness,
            OldVm old,
            UpdatePlan plan,
            Hotplugged hotplugged,
            boolean ignoresShared,
            long copied) {
        super(course, witness, old, plan, new NewVm(plan, host, course.watch()));
        this.host = host;
        this.hotplugged = hotplugged;
        this.ignoresShared = ignoresShared;
        this.copied = copied;
    }

    /** Asks the old process what memory it has. */
    static RebootWay of(
            Course course, ProcessHost host, Witness witness, OldVm old, UpdatePlan plan, Hotplugged hotplugged)
            throws QmpException {
        long inFiles = 0;
        long shared = 0;
        long all = 0;
        for (MemoryBackend backend : old.monitor().memory()) {
            all += backend.size();
            if (backend.share()) {
                shared += backend.size();
                inFiles += staysInFile(old.monitor(), backend, plan.directory()) ? backend.size() : 0;
            }
        }
        boolean inPlace = shared > 0 && inFiles == shared;
        return new RebootWay(course, host, witness, old, plan, hotplugged, inPlace, inPlace ? all - shared : all);
    }

    /** The same with all memory in the file: where a file of its own would not be there any more. */
    RebootWay copyingAll() throws QmpException {
        long all =
                old.monitor().memory().stream().mapToLong(MemoryBackend::size).sum();
        return new RebootWay(course, host, witness, old, plan, hotplugged, false, all);
    }

    /** The files that memory stays in, as the old process names them. */
    List<Path> memoryFiles() throws QmpException {
        List<Path> files = new ArrayList<>();
        for (MemoryBackend backend : old.monitor().memory()) {
            if (ignoresShared && backend.share() && staysInFile(old.monitor(), backend, plan.directory())) {
                old.monitor()
                        .objectProperty(backend.id(), "mem-path")
                        .ifPresent(path -> files.add(plan.directory().resolve(path)));
            }
        }
        return files;
    }

    /** A file in a folder that was named has no name of its own, and goes with the process. */
    private static boolean staysInFile(VmMonitor monitor, MemoryBackend backend, Path directory) throws QmpException {
        return monitor.objectProperty(backend.id(), "type").equals(Optional.of("memory-backend-file"))
                && monitor.objectProperty(backend.id(), "mem-path")
                        .map(path ->
                                Files.exists(directory.resolve(path)) && !Files.isDirectory(directory.resolve(path)))
                        .orElse(false);
    }

    /** What was added to the VM while it ran. */
    Hotplugged hotplugged() {
        return hotplugged;
    }

    @Override
    public boolean ignoresShared() {
        return ignoresShared;
    }

    @Override
    public List<Finding> look() {
        Path folder = plan.privateFolder().getParent();
        Path there = folder;
        while (there.getParent() != null && !Files.isDirectory(there)) {
            there = there.getParent();
        }
        if (!Files.isWritable(there)) {
            return List.of(new Finding(
                    Code.PATH_TAKEN, folder.toString(), "it cannot be written to", "allow it for this user"));
        }
        long room = there.toFile().getUsableSpace();
        return room >= copied + DEVICES
                ? List.of()
                : List.of(new Finding(
                        Code.NO_ROOM_FOR_STATE,
                        folder.toString(),
                        "there is room for " + (room >> 20) + " MiB, and the guest's state may have "
                                + (copied + DEVICES >> 20) + " MiB",
                        "make room there, or give the VM memory in a shared file"));
    }

    @Override
    public void move() throws QmpException, UpdateFailure {
        leave();
        if (old.canGoOn()) {
            course.stopIfAsked();
        }
        ending = true;
        if (!new Commit(old, plan).endOldProcess()) {
            throw new UpdateFailure(
                    ExitStatus.ABORTED, "the old process " + old.process().pid() + " could not be ended");
        }
        load(plan, course.deadline());
    }

    /** Saves the guest into the file. It can still go on in the old process. */
    void leave() throws QmpException, UpdateFailure {
        stageStateFile(course);
        course.stopIfAsked();
        course.enter(UpdateState.ARMED, "process " + old.process().pid() + " is ready to save");
        save();
    }

    private void save() throws QmpException, UpdateFailure {
        migrateSent = true;
        old.monitor().setLimit(course.deadline().atMost(COMMAND));
        old.monitor().migrateTo(file());
        Departure leaving = new Departure(old);
        course.watch().await("the guest did not stop in the old process", course.deadline(), () -> {
            course.stopIfAsked();
            return leaving.hasStopped();
        });
        course.enter(UpdateState.PAUSED, old.wasLive() ? "the guest stands still" : "the guest was not running");
        course.watch().await("the old process did not save the guest", course.deadline(), () -> {
            course.stopIfAsked();
            return leaving.hasSent() && old.monitor().runState().equals("postmigrate");
        });
        course.enter(UpdateState.SAVED, "the guest's state is in " + file());
    }

    /** Starts a process and lets it load the file. */
    private void load(UpdatePlan made, Deadline deadline) throws QmpException, UpdateFailure {
        FileArrival arrival = arrival(made);
        version = arrival.prepare(Witness.environment(old), witness::started, () -> {}, deadline);
        arrival.load(() -> {}, deadline);
    }

    private FileArrival arrival(UpdatePlan made) {
        return new FileArrival(next, made, hotplugged, ignoresShared, course.watch());
    }

    private Path file() {
        return plan.stateFile().orElseThrow();
    }

    @Override
    public Whereabouts recover(UpdateFailure why) {
        boolean ended = old.hasEnded();
        if (ended && !ending && hasSaved()) {
            course.catchUp(UpdateState.SAVED); // it ended by itself, and the file is whole
        } else if (!ended || !ending) {
            Optional<String> doubt = new BackOut(old, Optional.empty(), course.watch()).run(migrateSent, false);
            if (doubt.isEmpty()) {
                tidy();
                return new Whereabouts.InOld();
            }
            if (ended) {
                tidy(); // a part of a state is none
                return new Whereabouts.Unclear(
                        "the guest is lost: the old process " + old.process().pid() + " ended before it was saved");
            }
            return new Whereabouts.Unclear(
                    doubt.get() + (Files.exists(file()) ? "; its state may be in " + file() : ""));
        }
        if (new BackOut(old, Optional.of(next), course.watch()).isTaken()) {
            return new Whereabouts.InNew();
        }
        Optional<String> gone = endNext(plan);
        if (gone.isPresent()) {
            return new Whereabouts.Unclear(gone.get());
        }
        UpdatePlan previous = plan.with(old.program());
        next = new NewVm(previous, host, course.watch());
        try {
            load(previous, Deadline.in(RESTART));
            arrival(previous).awaitRunState(old.runState());
            tidy();
            return new Whereabouts.InPrevious(next.pid());
        } catch (UpdateFailure | QmpException e) {
            Optional<String> left = endNext(previous);
            return left.isPresent()
                    ? new Whereabouts.Unclear(e.getMessage() + "; " + left.get())
                    : saved(e.getMessage());
        }
    }

    private boolean hasSaved() {
        return old.monitor().events().migrationWas(MigrationStatus.COMPLETED.qapiName());
    }

    /** Ends a process that could not take the guest; why the file cannot be used any more, if it cannot. */
    private Optional<String> endNext(UpdatePlan made) {
        Optional<String> unclear = arrival(made).undo();
        output = output.isEmpty() ? next.output() : output;
        return unclear;
    }

    private Whereabouts saved(String why) {
        try {
            SavedStates.sync(file()); // it may have to wait for long
        } catch (IOException e) {
            return new Whereabouts.Unclear(why + "; and the guest's state in " + file() + " cannot be kept: " + e);
        }
        return new Whereabouts.InFile(
                file(),
                "the previous program failed as well (" + why + "); "
                        + FileArrival.advice(plan.with(old.program()).command(), file(), ignoresShared));
    }

    @Override
    public void tidy() {
        PrivateFolder.remove(plan.privateFolder());
    }

    @Override
    public boolean endOld() {
        return true; // it ended before the new one was started
    }

    @Override
    public List<Path> link() {
        return List.of(); // the new process has bound the same paths
    }

    @Override
    public String output() {
        return output;
    }
}
