package dev.cprkit.agent.update;

import dev.cprkit.agent.monitor.VmMonitor;
import java.nio.file.Path;
import java.util.Optional;

/** A way on which the guest gets to a process of its own: what all that is known of that process is the same for. */
abstract sealed class NewProcessWay implements Way permits TransferWay, RebootWay {
    final Course course;
    final Witness witness;
    final OldVm old;
    final UpdatePlan plan;

    /** The new process, as far as there is one. */
    NewVm next;

    /** The new program's version, once its monitor told it. */
    String version = "";

    NewProcessWay(Course course, Witness witness, OldVm old, UpdatePlan plan, NewVm next) {
        this.course = course;
        this.witness = witness;
        this.old = old;
        this.plan = plan;
        this.next = next;
    }

    @Override
    public final UpdatePlan plan() {
        return plan;
    }

    @Override
    public final VmMonitor monitor() {
        return next.monitor();
    }

    @Override
    public final boolean hasEnded() {
        return next.hasEnded();
    }

    @Override
    public final long pid() {
        return next.pid();
    }

    @Override
    public final String version() {
        return version;
    }

    @Override
    public final Path log() {
        return plan.log();
    }

    @Override
    public final Optional<Pause> pause() {
        return Pause.measure(
                old.monitor().events().first("STOP"), monitor().events().first("RESUME"), monitor(), course.watch());
    }

    @Override
    public final void close() {
        next.close();
    }
}
