package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.update.Pause;
import dev.cprkit.agent.update.Timeline;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateStep;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** For people: what happens on standard output, what is wrong on standard error. */
final class TextOutput implements UpdateOutput {
    private final PrintWriter out;
    private final PrintWriter err;

    TextOutput(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void entered(UpdateStep step) {
        out.printf(
                Locale.ROOT,
                "%8.3f s  %-11s  %s%n",
                step.sinceStart().toNanos() / 1e9,
                step.state().stateName(),
                step.detail());
        out.flush();
    }

    @Override
    public void found(Finding finding) {
        err.println((finding.refuses() ? "refused: " : "note: ") + finding.sentence() + " ["
                + finding.code().codeName() + "]");
    }

    @Override
    public void ended(UpdateResult result) {
        result.handover().ifPresent(this::handover);
        if (result.status() != ExitStatus.OK) {
            err.println("cprctl: " + result.message());
            if (!result.output().isEmpty()) {
                err.println("The new process printed:");
                result.output().lines().forEach(line -> err.println("  " + line));
            }
        }
    }

    private void handover(UpdateResult.Handover handover) {
        out.println("The guest is " + handover.runState() + " in process " + handover.newPid() + "; it was in process "
                + handover.oldPid() + ".");
        out.println(handover.pause().map(TextOutput::pause).orElse("The guest was not running, so nothing paused it."));
        handover.pause().flatMap(Pause::timeline).ifPresent(this::timeline);
        for (PathMove move : handover.moves()) {
            out.printf(Locale.ROOT, "  %-10s %s%n", move.label(), move.to());
        }
        handover.links().forEach(link -> out.printf(Locale.ROOT, "  %-10s %s%n", "link", link));
    }

    private void timeline(Timeline timeline) {
        for (Timeline.Checkpoint checkpoint : timeline.duringPause()) {
            long since = checkpoint.nanos() - timeline.duringPause().getFirst().nanos();
            out.printf(
                    Locale.ROOT,
                    "%10.3f ms  %s  %s%n",
                    since / 1e6,
                    checkpoint.byOld() ? "old" : "new",
                    checkpoint.name());
        }
    }

    private static String pause(Pause pause) {
        return "The guest paused for " + milliseconds(pause.length()) + " ms, measured "
                + pause.source().meaning() + ".";
    }

    static String milliseconds(Duration time) {
        return String.format(Locale.ROOT, "%.3f", time.toNanos() / 1e6);
    }

    @Override
    public void checked(UpdateResult result) {
        if (result.status() != ExitStatus.OK) {
            err.println("cprctl: " + result.message());
        }
        if (!result.command().isEmpty()) {
            out.println("The new process would be started with:");
            out.println("  "
                    + String.join(
                            " ",
                            result.command().stream().map(TextOutput::quoted).toList()));
        }
    }

    /** As a shell takes it. */
    private static String quoted(String word) {
        boolean plain = !word.isEmpty()
                && word.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_./=,:+@%".indexOf(c) >= 0);
        return plain ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
