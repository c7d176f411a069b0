package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.vm.VmOverview;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /healthz}, {@code /metrics} and {@code /v1/openapi.json}. Any thread may call. */
final class SystemEndpoints {
    /** VMs are asked at most so often, however often somebody asks for metrics. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final Vms vms;
    private final Metrics metrics;
    private final Connections connections;
    private final Supplier<Optional<String>> trouble;
    private String vmMetrics = "";
    private long vmMetricsAt = System.nanoTime() - FRESH.toNanos();

    /** @param trouble a sentence if the agent cannot do its work now, a full disk for example */
    SystemEndpoints(Vms vms, Metrics metrics, Connections connections, Supplier<Optional<String>> trouble) {
        this.vms = vms;
        this.metrics = metrics;
        this.connections = connections;
        this.trouble = trouble;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        "GET",
                        "/healthz",
                        Optional.empty(),
                        Set.of(),
                        Set.of(HttpCode.OK, HttpCode.UNAVAILABLE),
                        this::health),
                new Route("GET", "/metrics", Optional.of(Role.READER), Set.of(), Set.of(HttpCode.OK), this::metrics),
                new Route(
                        "GET", "/v1/openapi.json", Optional.empty(), Set.of(), Set.of(HttpCode.OK), this::description));
    }

    private Reply health(Exchange exchange) throws ApiException {
        Optional<String> why = trouble.get();
        if (why.isPresent()) {
            throw new ApiException(HttpCode.UNAVAILABLE, why.get());
        }
        ObjectNode document = Json.document("health").put("status", "ok");
        String version = SystemEndpoints.class.getPackage().getImplementationVersion();
        return Reply.of(document.put("version", version == null ? "development" : version));
    }

    private Reply metrics(Exchange exchange) throws IOException {
        String text = metrics.text(ours() + ofVms());
        return new Reply.Whole(
                HttpCode.OK, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private String ours() {
        StringBuilder text = new StringBuilder();
        Metrics.head(text, "cprkit_connections", "gauge", "Connections now.");
        text.append("cprkit_connections " + connections.count() + "\n");
        Metrics.head(text, "cprkit_connections_refused_total", "counter", "Connections that there was no room for.");
        text.append("cprkit_connections_refused_total " + connections.refused() + "\n");
        Metrics.head(text, "cprkit_connections_evicted_total", "counter", "Idle connections that gave way to others.");
        text.append("cprkit_connections_evicted_total " + connections.evicted() + "\n");
        Metrics.head(
                text, "cprkit_journal_waiting", "gauge", "1 while entries of the journal wait for room on its disk.");
        text.append("cprkit_journal_waiting " + (trouble.get().isPresent() ? 1 : 0) + "\n");
        return text.toString();
    }

    private synchronized String ofVms() throws IOException {
        if (System.nanoTime() - vmMetricsAt < FRESH.toNanos()) {
            return vmMetrics;
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (VmOverview vm : vms.glances()) {
            String version = vm.status().map(VmStatus::version).orElse("");
            String state = vm.status().map(VmStatus::runState).orElse("");
            counts.merge(
                    "version=\"" + Metrics.value(version) + "\",run_state=\"" + Metrics.value(state) + "\",presence=\""
                            + vm.presence().presenceName() + "\"",
                    1,
                    Integer::sum);
        }
        StringBuilder text = new StringBuilder();
        Metrics.head(text, "cprkit_vms", "gauge", "Managed VMs, by the version of the program that runs them.");
        counts.forEach((labels, count) -> text.append("cprkit_vms{" + labels + "} " + count + "\n"));
        vmMetrics = text.toString();
        vmMetricsAt = System.nanoTime();
        return vmMetrics;
    }

    private Reply description(Exchange exchange) throws IOException {
        try (InputStream in = SystemEndpoints.class.getResourceAsStream("openapi.json")) {
            return new Reply.Whole(HttpCode.OK, "application/json", in.readAllBytes());
        }
    }
}
