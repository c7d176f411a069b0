package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Watches the guest in the new program for a while. The program must live and answer, and the guest must not have come
 * into a state that neither it nor an operator asked for: pausing a VM while it is on probation is nothing bad, and a
 * guest that shuts down is not ill either. The update's thread uses it.
 */
final class ProbationWatch {
    /** How long the program may take for an answer, and how long it is left in peace between two questions. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private static final Duration ASK = Duration.ofMillis(500);

    private static final Set<String> BAD_STATES = Set.of("io-error", "guest-panicked", "internal-error", "watchdog");
    private static final int TAIL = 4096;

    /** How it ended. */
    sealed interface Verdict {}

    /** The time is over, or somebody said that it is enough, and nothing was wrong. */
    record Passed() implements Verdict {}

    /** It turned bad, or somebody wants the guest back, while the guest can still be moved. */
    record Bad(String why) implements Verdict {}

    /** The program is gone, or does not answer. */
    record Lost(String why) implements Verdict {}

    private final Way way;
    private final Watch watch;
    private final Probation probation;
    private final Optional<HostProcess> process;

    ProbationWatch(Way way, ProcessHost host, Watch watch, Probation probation) {
        this.way = way;
        this.watch = watch;
        this.probation = probation;
        this.process = host.attach(way.pid());
        probation.onWish(watch::poke);
    }

    /** Watches for so long. */
    Verdict await(Duration length) {
        Deadline end = Deadline.in(length);
        VmMonitor monitor = way.monitor();
        monitor.setLimit(ANSWER);
        try {
            for (; ; ) {
                switch (probation.wish()) {
                    case COMMIT -> {
                        return new Passed();
                    }
                    case ROLL_BACK -> {
                        return new Bad("the update was asked to be taken back");
                    }
                    case NONE -> {}
                }
                if (monitor.events().has("GUEST_PANICKED")) {
                    return new Bad("the guest panicked in its probation");
                }
                String runState = monitor.runState();
                if (BAD_STATES.contains(runState)) {
                    return new Bad("the guest's run state became " + runState + " in its probation");
                }
                if (end.isOver()) {
                    return new Passed();
                }
                watch.happens(end.atMost(ASK), () -> probation.wish() != Probation.Wish.NONE || monitor.isClosed());
            }
        } catch (QmpException e) {
            return lost(monitor, e);
        } catch (UpdateFailure e) {
            return new Passed(); // this thread was told to end: whoever did that has a guest in a program that is well
        }
    }

    private Verdict lost(VmMonitor monitor, QmpException why) {
        boolean ended = process.isEmpty() || process.get().awaitEnd(ASK);
        if (ended && monitor.events().has("SHUTDOWN")) {
            return new Passed(); // the guest, or somebody, switched the VM off
        }
        return new Lost(
                ended
                        ? "process " + way.pid() + " ended"
                        : "process " + way.pid() + " stopped to answer: " + why.getMessage());
    }

    /** What a program that is gone printed last. */
    String output() {
        return LinuxHost.tail(way.log(), TAIL);
    }
}
