package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the agent counts since it was started, in the text format of Prometheus (version 0.0.4). Any thread may call.
 */
final class Metrics {
    /** Seconds. */
    private static final double[] BUCKETS = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60};

    private final Map<String, Long> operations = new TreeMap<>();
    private final Map<String, Histogram> pauses = new TreeMap<>();
    private final Map<String, Histogram> phases = new TreeMap<>();
    private final Map<String, Long> answers = new TreeMap<>();
    private long underWay;

    Metrics() {
        for (OperationKind kind : OperationKind.values()) {
            for (ExitStatus status : ExitStatus.values()) {
                if (status != ExitStatus.UNDER_WAY) {
                    operations.put(labels(kind, status), 0L);
                }
            }
        }
    }

    /** How often values were in each bucket, and their sum. */
    private static final class Histogram {
        final long[] counts = new long[BUCKETS.length];
        long count;
        double sum;

        void add(Duration time) {
            double seconds = time.toNanos() / 1e9;
            for (int i = 0; i < BUCKETS.length; i++) {
                if (seconds <= BUCKETS[i]) {
                    counts[i]++;
                }
            }
            count++;
            sum += seconds;
        }

        void text(String name, String labels, StringBuilder text) {
            for (int i = 0; i < BUCKETS.length; i++) {
                text.append(name + "_bucket{" + labels + ",le=\"" + BUCKETS[i] + "\"} " + counts[i] + "\n");
            }
            text.append(name + "_bucket{" + labels + ",le=\"+Inf\"} " + count + "\n");
            text.append(name + "_sum{" + labels + "} " + sum + "\n");
            text.append(name + "_count{" + labels + "} " + count + "\n");
        }
    }

    private static String labels(OperationKind kind, ExitStatus status) {
        return "kind=\"" + kind.kindName() + "\",status=\"" + status.statusName() + "\"";
    }

    synchronized void began() {
        underWay++;
    }

    /** The time from the state before counts for a state that was reached. */
    synchronized void entered(Operation operation, Operation.Step step) {
        int index = operation.steps().lastIndexOf(step);
        Duration before = index > 0 ? operation.steps().get(index - 1).sinceStart() : Duration.ZERO;
        phases.computeIfAbsent("state=\"" + step.state().stateName() + "\"", l -> new Histogram())
                .add(step.sinceStart().minus(before));
    }

    synchronized void ended(Operation operation, Operation.Outcome outcome) {
        underWay = Math.max(0, underWay - 1);
        operations.merge(labels(operation.spec().kind(), outcome.status()), 1L, Long::sum);
        if (outcome.pause().isPresent()) {
            String mode = outcome.mode().map(m -> m.qapiName()).orElse("unknown");
            pauses.computeIfAbsent("mode=\"" + mode + "\"", l -> new Histogram())
                    .add(outcome.pause().get());
        }
    }

    synchronized void answered(HttpCode code) {
        answers.merge("code=\"" + code.number() + "\"", 1L, Long::sum);
    }

    /** All of it; {@code more} is what others count, in the same format. */
    synchronized String text(String more) {
        StringBuilder text = new StringBuilder(4096);
        head(text, "cprkit_operations_total", "counter", "Operations that ended, by kind and result.");
        operations.forEach((labels, count) -> text.append("cprkit_operations_total{" + labels + "} " + count + "\n"));
        head(text, "cprkit_operations_under_way", "gauge", "Operations that have begun and not ended.");
        text.append("cprkit_operations_under_way " + underWay + "\n");
        head(text, "cprkit_pause_seconds", "histogram", "How long guests stood still, by mode.");
        pauses.forEach((labels, histogram) -> histogram.text("cprkit_pause_seconds", labels, text));
        head(text, "cprkit_phase_seconds", "histogram", "How long it took from the state before to this one.");
        phases.forEach((labels, histogram) -> histogram.text("cprkit_phase_seconds", labels, text));
        head(text, "cprkit_http_answers_total", "counter", "Answers over HTTP, by code.");
        answers.forEach((labels, count) -> text.append("cprkit_http_answers_total{" + labels + "} " + count + "\n"));
        return text.append(more).toString();
    }

    /** The lines before a metric's values. */
    static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n");
    }

    /** A label's value, escaped. */
    static String value(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
