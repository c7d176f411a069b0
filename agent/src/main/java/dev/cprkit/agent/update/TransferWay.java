package dev.cprkit.agent.update;

import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Mode cpr-transfer: old and new process side by side.
 *
 * <p>The new process is started with {@code -incoming defer} beside the main channel's socket that it will be told
 * later, and blocks until the old process hands it the guest's memory. Then it makes its devices, with the guest still
 * running in the old process, and we talk to its monitor before anything is at stake. Only {@code migrate-incoming}
 * makes it listen for the device state; the old process connects, stops the guest, sends, and the new one lets it go
 * on. So whatever is wrong with the new process shows before the guest has stood still for a moment, and its monitor is
 * there to say exactly when, and whether, the guest began to run in it.
 */
final class TransferWay extends NewProcessWay {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    private Hotplugged hotplugged = new Hotplugged(List.of(), List.of());
    private boolean migrateSent;
    private boolean switching;

    TransferWay(Course course, ProcessHost host, Witness witness, OldVm old, UpdatePlan plan) {
        super(course, witness, old, plan, new NewVm(plan, host, course.watch()));
    }

    @Override
    public void move() throws QmpException, UpdateFailure {
        try {
            stage();
            arm();
            switchOver();
        } catch (QmpException e) {
            next.checkEnded(e); // what either monitor says then is only what follows from it
            throw e;
        }
    }

    private void stage() throws QmpException, UpdateFailure {
        course.stopIfAsked();
        hotplugged = Hotplugged.of(old.monitor()::execute, old.program().arguments());
        next.start(Witness.environment(old));
        witness.started(next.pid());
        course.watch().await("the new process did not ask for the guest's memory", course.deadline(), () -> {
            course.stopIfAsked();
            return next.waitsForMemory();
        });
        course.enter(
                UpdateState.STAGED,
                "process " + next.pid() + " (" + plan.program().name() + ") waits");
    }

    private void arm() throws QmpException, UpdateFailure {
        migrateSent = true;
        old.monitor().setLimit(course.deadline().left());
        old.monitor().migrate(plan.mainSocket(), plan.cprSocket());
        old.monitor().setLimit(COMMAND);
        Departure leaving = new Departure(old);
        course.watch().await("the new process did not answer on its monitor", course.deadline(), () -> {
            course.stopIfAsked();
            leaving.look();
            return next.answers();
        });
        witness.started(next.pid());
        VmMonitor monitor = next.monitor();
        monitor.setLimit(course.deadline().atMost(COMMAND));
        version = monitor.negotiate().toString();
        next.checkWaits();
        if (monitor.capabilities().containsKey("events")) {
            monitor.setCapabilities(Map.of("events", true));
        }
        hotplugged.addTo(monitor::execute);
        course.stopIfAsked();
        course.enter(UpdateState.ARMED, "process " + next.pid() + " (" + version + ") has the memory and its devices");
    }

    private void switchOver() throws QmpException, UpdateFailure {
        course.stopIfAsked(); // the last moment
        switching = true;
        SwitchOver way = new SwitchOver(old, next);
        next.monitor().migrateIncoming(plan.mainSocket());
        Watch watch = course.watch();
        watch.await("the guest did not stop in the old process", course.deadline(), way::hasStopped);
        course.enter(UpdateState.PAUSED, old.wasLive() ? "the guest stands still" : "the guest was not running");
        watch.await("the old process did not send its state", course.deadline(), way::hasSent);
        course.enter(UpdateState.SAVED, "the old process has sent all of its state");
        watch.await("the new process did not take the guest", course.deadline(), way::hasTaken);
    }

    @Override
    public Whereabouts recover(UpdateFailure why) {
        BackOut backOut = new BackOut(old, Optional.of(next), course.watch());
        if (switching && isInNew(backOut)) {
            course.catchUp(UpdateState.SAVED);
            return new Whereabouts.InNew();
        }
        Optional<String> doubt = backOut.run(migrateSent, switching);
        if (doubt.isPresent() && old.hasEnded()) {
            return new Whereabouts.Unclear(
                    "the guest is lost: the old process " + old.process().pid() + " has ended");
        }
        return doubt.isPresent() ? new Whereabouts.Unclear(doubt.get()) : new Whereabouts.InOld();
    }

    private boolean isInNew(BackOut backOut) {
        return old.hasEnded() ? backOut.arrives() : backOut.isTaken() || old.hasEnded() && backOut.arrives();
    }

    @Override
    public void tidy() {
        if (next.hasEnded()) {
            next.removeTraces();
        } else {
            next.removePrivateFolder(); // both of its sockets have done their work
        }
    }

    @Override
    public boolean endOld() {
        return new Commit(old, plan).endOldProcess();
    }

    @Override
    public List<Path> link() {
        return new Commit(old, plan).link();
    }

    @Override
    public String output() {
        return next.output();
    }
}
