package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Operations as JSON documents, and back: what is asked for, what was done, how it ended. Requests are read strictly, with
 * the unknown refused; what an agent answered is read leniently, for it may be newer.
 */
public final class OperationJson {
    /** What an operation's status is before it has ended. */
    private static final ExitStatus GOING = ExitStatus.UNDER_WAY;

    private OperationJson() {}

    /** An operation's document. */
    public static ObjectNode of(Operation operation) {
        return put(Json.document("operation"), operation);
    }

    /** The document of several operations. */
    public static ObjectNode of(List<Operation> operations) {
        ObjectNode document = Json.document("operations");
        ArrayNode list = document.putArray("operations");
        operations.forEach(one -> put(list.addObject(), one));
        return document;
    }

    private static ObjectNode put(ObjectNode node, Operation operation) {
        ExitStatus status = operation.outcome().map(Operation.Outcome::status).orElse(GOING);
        node.put("id", operation.id())
                .put("vm", operation.spec().vm().text())
                .put("status", status.statusName())
                .put("exit-status", status.number());
        operation.state().ifPresent(state -> node.put("state", state.stateName()));
        node.set("spec", put(Json.object(), operation.spec()));
        node.putObject("caller")
                .put("who", operation.caller().who())
                .put("through", operation.caller().through());
        node.put("began", operation.began().toString());
        ArrayNode steps = node.putArray("steps");
        operation.steps().forEach(step -> steps.add(put(Json.object(), step)));
        ArrayNode findings = node.putArray("findings");
        operation.findings().forEach(finding -> findings.add(CheckJson.of(finding)));
        operation.outcome().ifPresent(outcome -> node.set("outcome", of(outcome)));
        return node;
    }

    /** What is asked for, as the body of a request. */
    public static ObjectNode of(OperationSpec spec) {
        return put(Json.document("operation-spec"), spec);
    }

    private static ObjectNode put(ObjectNode node, OperationSpec spec) {
        node.put("kind", spec.kind().kindName()).put("vm", spec.vm().text());
        spec.program().ifPresent(program -> node.put("program", program.toString()));
        node.put("mode", spec.mode().choiceName());
        spec.pauseBudget().ifPresent(budget -> node.set("pause-budget-ms", Json.time(budget, Json.MILLISECONDS)));
        node.set("probation-s", Json.time(spec.probation(), Json.SECONDS));
        node.set("timeout-s", Json.time(spec.timeout(), Json.SECONDS));
        return node;
    }

    /** A state that an operation has reached, as a part of its document. */
    public static ObjectNode of(Operation.Step step) {
        return put(Json.object(), step);
    }

    private static ObjectNode put(ObjectNode node, Operation.Step step) {
        node.put("state", step.state().stateName()).put("at", step.at().toString());
        node.set("elapsed-ms", Json.time(step.sinceStart(), Json.MILLISECONDS));
        return node.put("detail", step.detail());
    }

    /** How an operation ended, as a part of its document. */
    public static ObjectNode of(Operation.Outcome outcome) {
        ObjectNode node = Json.object()
                .put("status", outcome.status().statusName())
                .put("exit-status", outcome.status().number())
                .put("message", outcome.message())
                .put("at", outcome.at().toString());
        outcome.mode().ifPresent(mode -> node.put("mode", mode.qapiName()));
        outcome.pause().ifPresent(pause -> node.set("pause-ms", Json.time(pause, Json.MILLISECONDS)));
        outcome.program().ifPresent(program -> node.set("program", of(program)));
        outcome.previous().ifPresent(program -> node.set("previous", of(program)));
        if (!outcome.output().isEmpty()) {
            node.put("output", outcome.output());
        }
        return node;
    }

    /** A program, as a part of a document. */
    public static ObjectNode of(Operation.Program program) {
        return Json.object()
                .put("path", program.path().toString())
                .put("sha256", program.sha256())
                .put("version", program.version());
    }

    /** What a request's body asks for; every field that is not known is an error. */
    public static OperationSpec spec(JsonNode body) throws ApiException {
        Fields fields = Fields.of(body).document("operation-spec");
        OperationSpec spec = spec(fields);
        fields.end();
        return spec;
    }

    private static OperationSpec spec(Fields fields) throws ApiException {
        OperationKind kind = kind(fields);
        VmName vm = Json.vm(fields, "vm");
        OperationSpec spec = new OperationSpec(
                kind,
                vm,
                Json.absolutePath(fields, "program"),
                Json.mode(fields),
                fields.optionalTime("pause-budget-ms", Json.MILLISECONDS),
                fields.optionalTime("probation-s", Json.SECONDS).orElse(Duration.ZERO),
                fields.optionalTime("timeout-s", Json.SECONDS).orElse(OperationSpec.DEFAULT_TIMEOUT));
        if (spec.timeout().isZero()) {
            throw new ApiException(HttpCode.BAD_REQUEST, "the field 'timeout-s' must be more than 0");
        }
        return spec;
    }

    private static OperationKind kind(Fields fields) throws ApiException {
        return fields.named(
                "kind",
                OperationKind::of,
                "it must be one of " + Json.names(OperationKind.values(), k -> k.kindName()));
    }

    /** An operation that an agent answered with. */
    public static Operation operation(JsonNode document) throws ApiException {
        return operation(Fields.of(document).document("operation"));
    }

    /** The operations that an agent answered with. */
    public static List<Operation> operations(JsonNode document) throws ApiException {
        List<Operation> operations = new ArrayList<>();
        for (Fields one : Fields.of(document).document("operations").objects("operations")) {
            operations.add(operation(one));
        }
        return operations;
    }

    private static Operation operation(Fields fields) throws ApiException {
        Fields caller = fields.object("caller");
        List<Operation.Step> steps = new ArrayList<>();
        for (Fields one : fields.objects("steps")) {
            steps.add(step(one));
        }
        List<Finding> findings = new ArrayList<>();
        for (Fields one : fields.objects("findings")) {
            findings.add(CheckJson.finding(one));
        }
        Optional<Fields> outcome = fields.optionalObject("outcome");
        return new Operation(
                fields.text("id"),
                spec(fields.object("spec")),
                new Caller(caller.text("who"), caller.text("through")),
                fields.instant("began"),
                steps,
                findings,
                outcome.isPresent() ? Optional.of(outcome(outcome.get())) : Optional.empty());
    }

    /** A state that was reached, from a part of a document. */
    static Operation.Step step(Fields fields) throws ApiException {
        return new Operation.Step(
                fields.named("state", OperationJson::state, "this program does not know that state"),
                fields.instant("at"),
                fields.time("elapsed-ms", Json.MILLISECONDS),
                fields.text("detail"));
    }

    private static Optional<UpdateState> state(String name) {
        return Arrays.stream(UpdateState.values())
                .filter(state -> state.stateName().equals(name))
                .findFirst();
    }

    private static Operation.Outcome outcome(Fields fields) throws ApiException {
        return new Operation.Outcome(
                fields.named("status", ExitStatus::of, "this program does not know that status"),
                fields.text("message"),
                fields.instant("at"),
                fields.optionalNamed("mode", MigMode::of, "this program does not know that mode"),
                fields.optionalTime("pause-ms", Json.MILLISECONDS),
                program(fields, "program"),
                program(fields, "previous"),
                fields.optionalText("output").orElse(""));
    }

    private static Optional<Operation.Program> program(Fields fields, String name) throws ApiException {
        Optional<Fields> object = fields.optionalObject(name);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        Fields program = object.get();
        return Optional.of(
                new Operation.Program(Path.of(program.text("path")), program.text("sha256"), program.text("version")));
    }
}
