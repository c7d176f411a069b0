package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What is asked for of many VMs. Two requests with equal specs are the same request.
 *
 * @param vms empty for all that are managed
 * @param order in which they are begun
 * @param concurrency so many at once; how many run at once on the host has a limit besides
 * @param stopAfterFailures begin no more after so many that did not end well; 0 for never
 * @param pauseLimit begin no more after a guest stood still for longer
 * @param memoryReserve bytes that the host must have available before each begins; 0 for none
 * @param pauseBudget of each, as the other fields of {@link OperationSpec}
 */
record HostUpdateSpec(
        List<VmName> vms,
        Order order,
        int concurrency,
        int stopAfterFailures,
        Optional<Duration> pauseLimit,
        long memoryReserve,
        Optional<Path> program,
        ModeChoice mode,
        Optional<Duration> pauseBudget,
        Duration probation,
        Duration timeout) {
    private static final int MOST_VMS = 10_000;
    private static final int MILLISECONDS = 3;
    private static final int SECONDS = 0;
    private static final long MEBIBYTE = 1 << 20;

    HostUpdateSpec {
        vms = List.copyOf(vms);
    }

    /** In which order VMs are begun. */
    enum Order {
        GIVEN("given"),
        NAME("name"),
        MEMORY("memory");

        private final String orderName;

        Order(String orderName) {
            this.orderName = orderName;
        }

        String orderName() {
            return orderName;
        }

        static Optional<Order> of(String name) {
            for (Order order : values()) {
                if (order.orderName.equals(name)) {
                    return Optional.of(order);
                }
            }
            return Optional.empty();
        }
    }

    /** What is done to each. */
    OperationSpec of(VmName vm) {
        return new OperationSpec(OperationKind.UPDATE, vm, program, mode, pauseBudget, probation, timeout);
    }

    /** Reads the fields of a request; {@link Fields#end} is the caller's. */
    static HostUpdateSpec read(Fields fields) throws ApiException {
        List<VmName> vms = new ArrayList<>();
        for (String name : fields.texts("vms")) {
            vms.add(VmName.of(name)
                    .orElseThrow(() -> bad("the field 'vms[" + vms.size() + "]' is no VM's name: " + VmName.rule())));
        }
        if (vms.size() > MOST_VMS || new HashSet<>(vms).size() < vms.size()) {
            throw bad("the field 'vms' must name each VM once, and at most " + MOST_VMS);
        }
        if (fields.has("vms") && vms.isEmpty()) {
            throw bad("the field 'vms' names no VM; leave it out for all that are managed");
        }
        HostUpdateSpec spec = new HostUpdateSpec(
                vms,
                fields.optionalNamed("order", Order::of, "it must be one of given, name, memory")
                        .orElse(Order.GIVEN),
                (int) (long) fields.optionalNumber("concurrency", 1, 1000).orElse(4L),
                (int) (long) fields.optionalNumber("stop-after-failures", 0, MOST_VMS)
                        .orElse(1L),
                fields.optionalTime("pause-limit-ms", MILLISECONDS),
                fields.optionalNumber("memory-reserve-mib", 0, 1L << 30).orElse(0L) * MEBIBYTE,
                Json.absolutePath(fields, "program"),
                Json.mode(fields),
                fields.optionalTime("pause-budget-ms", MILLISECONDS),
                fields.optionalTime("probation-s", SECONDS).orElse(Duration.ZERO),
                fields.optionalTime("timeout-s", SECONDS).orElse(OperationSpec.DEFAULT_TIMEOUT));
        if (spec.timeout().isZero()) {
            throw bad("the field 'timeout-s' must be more than 0");
        }
        return spec;
    }

    private static ApiException bad(String sentence) {
        return new ApiException(HttpCode.BAD_REQUEST, sentence);
    }

    /** Everything, as the fields that {@link #read} reads. */
    ObjectNode json() {
        // The fields that are an operation's are written as an operation's are.
        ObjectNode node = OperationJson.of(of(new VmName("any")));
        node.remove(List.of("schema", "type", "kind", "vm"));
        if (!vms.isEmpty()) {
            ArrayNode names = node.putArray("vms");
            vms.forEach(vm -> names.add(vm.text()));
        }
        node.put("order", order.orderName())
                .put("concurrency", concurrency)
                .put("stop-after-failures", stopAfterFailures)
                .put("memory-reserve-mib", memoryReserve / MEBIBYTE);
        pauseLimit.ifPresent(limit -> node.set("pause-limit-ms", Json.milliseconds(limit)));
        return node;
    }

    /** Reads what {@link #json} wrote. */
    static HostUpdateSpec of(JsonNode node) throws ApiException {
        return read(Fields.of(node));
    }
}
