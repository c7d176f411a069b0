package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.ChannelChecks;
import dev.cprkit.agent.check.CheckFacts;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.HostChecks;
import dev.cprkit.agent.check.Places;
import dev.cprkit.agent.check.VmCheck;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the first of the modes asked for that nothing stands against. The update's thread uses it. */
final class WayChoice {
    /** States that a program may have brought about, and in which a guest can still be taken back from it. */
    private static final Set<String> GONE_BAD = Set.of("io-error", "guest-panicked", "internal-error", "watchdog");

    private final UpdateRequest request;
    private final ProcessHost host;
    private final Course course;
    private final PauseHistory history;
    private final boolean undoes;
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> passedOver = new ArrayList<>();
    private Optional<UpdatePlan> plan = Optional.empty();

    /** @param undoes whether the guest is taken back from a program that did it no good */
    WayChoice(UpdateRequest request, ProcessHost host, Course course, PauseHistory history, boolean undoes) {
        this.request = request;
        this.host = host;
        this.course = course;
        this.history = history;
        this.undoes = undoes;
    }

    /** Chooses, with the old process prepared for that mode, or fails with {@link ExitStatus#REFUSED}. */
    Way choose(OldVm old, Program program) throws QmpException, UpdateFailure {
        long refusals = 0;
        // The checks try the modes: not before the journal knows how the old process is set.
        MigMode first = request.modes().getFirst();
        Hotplugged none = new Hotplugged(List.of(), List.of());
        new Witness(course.journal(), host, old, plan(old, first, program), none).tell(false);
        CheckFacts facts = VmCheck.gather(old.monitor(), old.version(), old.socket(), old.facts(), program, host, true);
        for (MigMode mode : request.modes()) {
            Way way = way(old, mode, program, facts);
            if (plan.isEmpty()) {
                plan = Optional.of(way.plan());
            }
            List<Finding> found = look(old, way, facts);
            for (Finding finding : found) {
                Finding told = request.modes().size() == 1 ? finding : finding.in(mode);
                findings.add(told);
                course.journal().found(told);
            }
            List<String> against = found.stream()
                    .filter(Finding::refuses)
                    .map(finding -> finding.code().codeName())
                    .distinct()
                    .toList();
            if (against.isEmpty()) {
                plan = Optional.of(way.plan());
                return way;
            }
            refusals += found.stream().filter(Finding::refuses).count();
            passedOver.add(mode.qapiName() + " (" + String.join(", ", against) + ")");
            way.close(); // the old process is only prepared for a mode that nothing is against
        }
        String failed = refusals == 1 ? "a check failed" : refusals + " checks failed";
        throw new UpdateFailure(
                ExitStatus.REFUSED,
                request.modes().size() == 1 ? failed : "no mode is possible: " + String.join("; ", passedOver));
    }

    private UpdatePlan plan(OldVm old, MigMode mode, Program program) throws QmpException {
        Path saved = request.stateFolder()
                .orElseGet(() -> Home.of(System.getenv(), host.uid()).saved());
        return UpdatePlan.make(old, mode, program, saved);
    }

    private Way way(OldVm old, MigMode mode, Program program, CheckFacts facts) throws QmpException {
        UpdatePlan made = plan(old, mode, program);
        Hotplugged hotplugged = facts.vm().devices().hotplugged();
        if (mode == MigMode.CPR_TRANSFER && inheritsListener(facts)) {
            made = made.inheriting();
        }
        if (mode == MigMode.CPR_EXEC && !hotplugged.commands().isEmpty()) {
            made = made.deferring();
        }
        Witness witness = new Witness(course.journal(), host, old, made, hotplugged);
        Way way =
                switch (mode) {
                    case CPR_TRANSFER -> new TransferWay(course, host, witness, old, made);
                    case CPR_EXEC -> new ExecWay(course, host, witness, old, made, hotplugged);
                    case CPR_REBOOT -> RebootWay.of(course, host, witness, old, made, hotplugged);
                    case NORMAL -> throw new IllegalArgumentException("a request has no such mode");
                };
        old.intend(mode, way.ignoresShared());
        witness.tell(way.ignoresShared());
        return way;
    }

    /** Earlier ones take a descriptor too, but lose track of it when the guest's memory has come. */
    private static boolean inheritsListener(CheckFacts facts) {
        return facts.next()
                .release()
                .filter(release -> release.isAtLeast(11, 1))
                .isPresent();
    }

    private List<Finding> look(OldVm old, Way way, CheckFacts facts) throws QmpException {
        MigMode mode = way.plan().mode();
        List<Finding> found = new ArrayList<>(VmCheck.findings(mode, facts));
        found.removeIf(f -> f.weight(mode) == Weight.HANDLED);
        found.removeIf(f -> undoes && f.code() == Code.RUN_STATE && GONE_BAD.contains(old.runState()));
        UpdatePlan made = way.plan();
        List<Path> channels = mode == MigMode.CPR_TRANSFER ? List.of(made.cprSocket(), made.mainSocket()) : List.of();
        Places places = new Places(made.next().moves(), made.directory(), made.qmp(), channels);
        found.addAll(HostChecks.findings(mode, host, places, request.qmp()));
        found.addAll(ChannelChecks.findings(mode, made.mainChannel()));
        found.addAll(way.look());
        budget(mode).ifPresent(found::add);
        if (found.stream().noneMatch(Finding::refuses)) {
            old.prepare(mode);
        }
        return found;
    }

    private Optional<Finding> budget(MigMode mode) {
        Optional<Duration> expected = history.expected(mode);
        if (expected.isEmpty()
                || request.pauseBudget().isEmpty()
                || expected.get().compareTo(request.pauseBudget().get()) <= 0) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Code.PAUSE_OVER_BUDGET,
                "the guest's pause",
                "by earlier updates in mode " + mode.qapiName() + " it is "
                        + expected.get().toMillis() + " ms, over the budget of "
                        + request.pauseBudget().get().toMillis() + " ms",
                "allow a longer pause, or another mode"));
    }

    /** What has been found, for the modes that were passed over too. */
    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** What was passed over, and for which findings; empty if nothing was. */
    String passedOver() {
        return passedOver.isEmpty() ? "" : "; passed over: " + String.join("; ", passedOver);
    }

    /** The plan that was chosen; the first one if none was yet. */
    Optional<UpdatePlan> plan() {
        return plan;
    }
}
