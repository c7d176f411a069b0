package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.update.Pause;
import dev.cprkit.agent.update.Timeline;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateStep;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * For programs: one JSON object on each line. A step has {@code phase}, a finding has {@code finding}, and the last
 * line, which always comes, has {@code result}.
 */
final class JsonOutput implements UpdateOutput {
    private final PrintWriter out;

    JsonOutput(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void entered(UpdateStep step) {
        print(object().put("phase", step.state().stateName())
                .put("elapsed-ms", milliseconds(step.sinceStart()))
                .put("detail", step.detail()));
    }

    @Override
    public void found(Finding finding) {
        print(object().put("finding", finding.code().codeName())
                .put("refuses", finding.refuses())
                .put("subject", finding.subject())
                .put("problem", finding.problem())
                .put("remedy", finding.remedy()));
    }

    @Override
    public void ended(UpdateResult result) {
        ObjectNode line = result(result);
        result.handover().ifPresent(handover -> handover(handover, line));
        if (!result.output().isEmpty()) {
            line.put("output", result.output());
        }
        print(line);
    }

    @Override
    public void checked(UpdateResult result) {
        ObjectNode line = result(result);
        ArrayNode command = line.putArray("command");
        result.command().forEach(command::add);
        print(line);
    }

    private static ObjectNode result(UpdateResult result) {
        return object().put("result", result.status().statusName())
                .put("exit-status", result.status().number())
                .put("state", result.state().map(s -> s.stateName()).orElse("none"))
                .put("message", result.message())
                .put("elapsed-ms", milliseconds(result.took()));
    }

    private static void handover(UpdateResult.Handover handover, ObjectNode line) {
        line.put("old-pid", handover.oldPid())
                .put("new-pid", handover.newPid())
                .put("run-state", handover.runState())
                .put("qmp", handover.qmp().toString())
                .put("log", handover.log().toString());
        ArrayNode paths = line.putArray("paths");
        for (PathMove move : handover.moves()) {
            paths.addObject()
                    .put("label", move.label())
                    .put("from", move.from())
                    .put("to", move.to())
                    .put("base", move.base());
        }
        ArrayNode links = line.putArray("links");
        handover.links().forEach(link -> links.add(link.toString()));
        handover.pause().ifPresent(pause -> pause(pause, line));
    }

    private static void pause(Pause pause, ObjectNode line) {
        line.put("pause-ns", pause.length().toNanos())
                .put("pause-source", pause.source().sourceName());
        pause.timeline().ifPresent(timeline -> timeline(timeline, line.putArray("timeline")));
    }

    private static void timeline(Timeline timeline, ArrayNode list) {
        for (Timeline.Checkpoint checkpoint : timeline.checkpoints()) {
            list.addObject()
                    .put("name", checkpoint.name())
                    .put("process", checkpoint.byOld() ? "old" : "new")
                    .put("monotonic-ns", checkpoint.nanos());
        }
    }

    private void print(ObjectNode line) {
        out.println(line);
        out.flush();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static double milliseconds(Duration time) {
        return TimeUnit.NANOSECONDS.toMicros(time.toNanos()) / 1e3;
    }
}
