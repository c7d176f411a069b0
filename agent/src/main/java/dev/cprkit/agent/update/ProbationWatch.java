package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
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
 *
 * <p>A program that does not answer in time is ill, but the guest can only be taken back from one that answers. So it is
 * asked again for as long as the patience lasts: if it answers then, the guest goes back; if not, it is left alone, for the
 * guest may run in it all the same.
 */
final class ProbationWatch {
    private static final Set<String> BAD_STATES = Set.of("io-error", "guest-panicked", "internal-error", "watchdog");

    /**
     * How it asks.
     *
     * @param answer how long the program may take for an answer
     * @param rest for how long it is left in peace between two questions
     * @param patience how long it may stay silent before it is given up
     */
    record Pace(Duration answer, Duration rest, Duration patience) {
        static final Pace USUAL = new Pace(Duration.ofSeconds(10), Duration.ofMillis(500), Duration.ofMinutes(1));
    }

    /** How it ended. */
    sealed interface Verdict {}

    /**
     * The time is over, or somebody said that it is enough, and nothing was wrong.
     *
     * @param since what has become of the VM, for a message; mostly nothing
     */
    record Passed(String since) implements Verdict {}

    /** It turned bad, or somebody wants the guest back, while the guest can still be moved. */
    record Bad(String why) implements Verdict {}

    /** The program is gone, or does not answer. */
    record Lost(String why) implements Verdict {}

    private final VmMonitor monitor;
    private final long pid;
    private final Watch watch;
    private final Probation probation;
    private final Optional<HostProcess> process;
    private final Pace pace;
    private Optional<Deadline> patience = Optional.empty();

    ProbationWatch(VmMonitor monitor, long pid, ProcessHost host, Watch watch, Probation probation, Pace pace) {
        this.monitor = monitor;
        this.pid = pid;
        this.watch = watch;
        this.probation = probation;
        this.process = host.attach(pid);
        this.pace = pace;
        probation.onWish(watch::poke);
    }

    /** Watches for so long. */
    Verdict await(Duration length) {
        Deadline end = Deadline.in(length);
        monitor.setLimit(pace.answer());
        try {
            for (; ; ) {
                Optional<Verdict> verdict = wished().or(this::panicked);
                if (verdict.isEmpty()) {
                    verdict = ask();
                }
                if (verdict.isPresent()) {
                    return verdict.get();
                }
                if (patience.isEmpty() && end.isOver()) {
                    return new Passed("");
                }
                watch.happens(
                        end.atMost(pace.rest()), () -> probation.wish() != Probation.Wish.NONE || monitor.isClosed());
            }
        } catch (QmpException e) {
            return lost(e);
        } catch (UpdateFailure e) {
            return new Passed(
                    ""); // this thread was told to end: whoever did that has a guest in a program that is well
        }
    }

    private Optional<Verdict> wished() {
        return switch (probation.wish()) {
            case COMMIT -> Optional.of(new Passed(""));
            case ROLL_BACK -> Optional.of(new Bad("the update was asked to be taken back"));
            case NONE -> Optional.empty();
        };
    }

    private Optional<Verdict> panicked() {
        return monitor.events().has("GUEST_PANICKED")
                ? Optional.of(new Bad("the guest panicked in its probation"))
                : Optional.empty();
    }

    /** Empty if nothing is wrong, or if it cannot be told yet. */
    private Optional<Verdict> ask() throws QmpException {
        String runState;
        try {
            runState = monitor.runState();
        } catch (QmpException.TimedOut e) {
            return silent();
        }
        if (patience.isPresent()) {
            return Optional.of(new Bad("process " + pid + " did not answer for more than "
                    + pace.answer().toSeconds() + " s in its probation"));
        }
        return BAD_STATES.contains(runState)
                ? Optional.of(new Bad("the guest's run state became " + runState + " in its probation"))
                : Optional.empty();
    }

    private Optional<Verdict> silent() {
        if (patience.isEmpty()) {
            patience = Optional.of(Deadline.in(pace.patience()));
        }
        return patience.get().isOver() && !monitor.isClosed()
                ? Optional.of(new Lost("process " + pid + " does not answer any more, and is left alone as it is"))
                : Optional.empty();
    }

    private Verdict lost(QmpException why) {
        boolean ended = process.isEmpty() || !process.get().outlivesItsSockets();
        if (ended && monitor.events().has("SHUTDOWN")) {
            return new Passed(", and the VM was switched off since"); // by the guest, or by somebody
        }
        return new Lost(
                ended
                        ? "process " + pid + " ended"
                        : "process " + pid + " hung up, and is left alone as it is: " + why.getMessage());
    }
}
