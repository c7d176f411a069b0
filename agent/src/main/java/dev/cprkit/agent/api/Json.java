package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.CommandChange;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverview;
import dev.cprkit.proto.qapi.MigMode;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Operations as JSON documents: in the agent's API, in the output of {@code cprctl --json}, and back. A whole document
 * begins with {@code schema} and {@code type}. Times of day are ISO 8601 in UTC; lengths of time have their unit in their
 * name, {@code -ms} or {@code -s}, and may have decimals. A field whose value nobody knows is left out.
 *
 * <p>Requests are read strictly, with the unknown refused; what an agent answered is read leniently, for it may be newer.
 */
public final class Json {
    /** Changes when a reader of the old documents would misread the new ones. */
    public static final String SCHEMA = "cprkit/1";

    /** What an operation's status is before it has ended. */
    private static final ExitStatus GOING = ExitStatus.UNDER_WAY;

    private static final int MILLISECONDS = 3;
    private static final int SECONDS = 0;

    private Json() {}

    /** An empty document of that type. */
    public static ObjectNode document(String type) {
        return object().put("schema", SCHEMA).put("type", type);
    }

    /** An error's document. */
    public static ObjectNode error(ExitStatus status, String message) {
        return document("error")
                .put("status", status.statusName())
                .put("exit-status", status.number())
                .put("message", message);
    }

    /** An operation's document. */
    public static ObjectNode of(Operation operation) {
        return put(document("operation"), operation);
    }

    /** The document of several operations. */
    public static ObjectNode of(List<Operation> operations) {
        ObjectNode document = document("operations");
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
        node.set("spec", put(object(), operation.spec()));
        node.putObject("caller")
                .put("who", operation.caller().who())
                .put("through", operation.caller().through());
        node.put("began", operation.began().toString());
        ArrayNode steps = node.putArray("steps");
        operation.steps().forEach(step -> steps.add(put(object(), step)));
        ArrayNode findings = node.putArray("findings");
        operation.findings().forEach(finding -> findings.add(of(finding)));
        operation.outcome().ifPresent(outcome -> node.set("outcome", of(outcome)));
        return node;
    }

    /** What is asked for, as the body of a request. */
    public static ObjectNode of(OperationSpec spec) {
        return put(document("operation-spec"), spec);
    }

    private static ObjectNode put(ObjectNode node, OperationSpec spec) {
        node.put("kind", spec.kind().kindName()).put("vm", spec.vm().text());
        spec.program().ifPresent(program -> node.put("program", program.toString()));
        node.put("mode", spec.mode().choiceName());
        spec.pauseBudget().ifPresent(budget -> node.set("pause-budget-ms", time(budget, MILLISECONDS)));
        node.set("probation-s", time(spec.probation(), SECONDS));
        node.set("timeout-s", time(spec.timeout(), SECONDS));
        return node;
    }

    /** A state that an operation has reached, as a part of its document. */
    public static ObjectNode of(Operation.Step step) {
        return put(object(), step);
    }

    private static ObjectNode put(ObjectNode node, Operation.Step step) {
        node.put("state", step.state().stateName()).put("at", step.at().toString());
        node.set("elapsed-ms", time(step.sinceStart(), MILLISECONDS));
        return node.put("detail", step.detail());
    }

    /** A finding, as a part of a document. */
    public static ObjectNode of(Finding finding) {
        return object().put("code", finding.code().codeName())
                .put("refuses", finding.refuses())
                .put("subject", finding.subject())
                .put("problem", finding.problem())
                .put("remedy", finding.remedy());
    }

    /** How an operation ended, as a part of its document. */
    public static ObjectNode of(Operation.Outcome outcome) {
        ObjectNode node = object().put("status", outcome.status().statusName())
                .put("exit-status", outcome.status().number())
                .put("message", outcome.message())
                .put("at", outcome.at().toString());
        outcome.mode().ifPresent(mode -> node.put("mode", mode.qapiName()));
        outcome.pause().ifPresent(pause -> node.set("pause-ms", time(pause, MILLISECONDS)));
        outcome.program().ifPresent(program -> node.set("program", of(program)));
        outcome.previous().ifPresent(program -> node.set("previous", of(program)));
        if (!outcome.output().isEmpty()) {
            node.put("output", outcome.output());
        }
        return node;
    }

    /** A program, as a part of a document. */
    public static ObjectNode of(Operation.Program program) {
        return object().put("path", program.path().toString())
                .put("sha256", program.sha256())
                .put("version", program.version());
    }

    /** A VM's document. */
    public static ObjectNode of(VmOverview vm) {
        return put(document("vm"), vm);
    }

    /** A VM, as a part of a document. */
    public static ObjectNode part(VmOverview vm) {
        return put(object(), vm);
    }

    private static ObjectNode put(ObjectNode node, VmOverview vm) {
        vm.name().ifPresent(name -> node.put("vm", name.text()));
        node.put("qmp", vm.qmp().toString()).put("presence", vm.presence().presenceName());
        if (!vm.problem().isEmpty()) {
            node.put("problem", vm.problem());
        }
        vm.status().ifPresent(status -> node.set("vm-status", of(status)));
        node.put("installed", vm.program().freshnessName());
        vm.installedVersion().ifPresent(version -> node.put("installed-version", version));
        if (vm.modes().isPresent()) {
            ArrayNode modes = node.putArray("modes");
            vm.modes().get().forEach(mode -> modes.add(mode.qapiName()));
        }
        vm.lastUpdate().ifPresent(at -> node.put("last-update", at.toString()));
        vm.lastPause().ifPresent(pause -> node.set("last-pause-ms", time(pause, MILLISECONDS)));
        return node;
    }

    /** What a VM says of itself, as a part of a document. */
    public static ObjectNode of(VmStatus status) {
        return object().put("run-state", status.runState())
                .put("name", status.name())
                .put("pid", status.pid())
                .put("program", status.program())
                .put("version", status.version())
                .put("qmp", status.qmp().toString())
                .put("generation", status.generation())
                .put("memory-bytes", status.memoryBytes())
                .put("migration", status.migration())
                .put("mode", status.mode());
    }

    /** The document of a check: of all modes, or of those asked for. */
    public static ObjectNode of(CheckReport report, List<MigMode> asked) {
        ObjectNode document = document("check").put("qmp", report.qmp().toString());
        List<CheckReport.ModeReport> reports = report.modes().stream()
                .filter(mode -> asked.contains(mode.mode()))
                .toList();
        reports.stream()
                .filter(mode -> !mode.refused())
                .findFirst()
                .ifPresent(mode -> document.put("mode", mode.mode().qapiName()));
        ArrayNode modes = document.putArray("modes");
        for (CheckReport.ModeReport mode : reports) {
            ObjectNode one =
                    modes.addObject().put("mode", mode.mode().qapiName()).put("possible", !mode.refused());
            ArrayNode findings = one.putArray("findings");
            mode.findings().forEach(finding -> findings.add(weighed(finding, mode.mode())));
        }
        return document;
    }

    private static ObjectNode weighed(Finding finding, MigMode mode) {
        return of(finding)
                .put("refuses", finding.refuses(mode))
                .put("weight", finding.weight(mode).weightName());
    }

    /** The document of a plan. */
    public static ObjectNode of(UpdatePreview plan) {
        ObjectNode document = document("plan")
                .put("qmp", plan.report().qmp().toString())
                .put("possible", plan.isPossible())
                .put("mode", plan.mode().qapiName())
                .put("generation", plan.generation());
        plan.predictedPause().ifPresent(pause -> document.set("predicted-pause-ms", time(pause, MILLISECONDS)));
        texts(document.putArray("old-command"), plan.oldCommand());
        texts(document.putArray("new-command"), plan.newCommand());
        ArrayNode changes = document.putArray("changes");
        for (CommandChange change : plan.changes()) {
            if (change.changes()) {
                ObjectNode one = changes.addObject();
                texts(one.putArray("old"), change.old());
                texts(one.putArray("new"), change.next());
                one.put("reason", change.reason());
            }
        }
        ArrayNode moves = document.putArray("paths");
        for (PathMove move : plan.moves()) {
            moves.addObject()
                    .put("label", move.label())
                    .put("from", move.from())
                    .put("to", move.to())
                    .put("base", move.base());
        }
        ArrayNode steps = document.putArray("steps");
        plan.steps()
                .forEach(step ->
                        steps.addObject().put("state", step.state().stateName()).put("text", step.text()));
        ArrayNode findings = document.putArray("findings");
        plan.findings().forEach(finding -> findings.add(weighed(finding, plan.mode())));
        return document;
    }

    private static void texts(ArrayNode list, List<String> texts) {
        texts.forEach(list::add);
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
        VmName vm = vm(fields, "vm");
        OperationSpec spec = new OperationSpec(
                kind,
                vm,
                absolutePath(fields, "program"),
                mode(fields),
                fields.optionalTime("pause-budget-ms", MILLISECONDS),
                fields.optionalTime("probation-s", SECONDS).orElse(Duration.ZERO),
                fields.optionalTime("timeout-s", SECONDS).orElse(OperationSpec.DEFAULT_TIMEOUT));
        if (spec.timeout().isZero()) {
            throw new ApiException(HttpCode.BAD_REQUEST, "the field 'timeout-s' must be more than 0");
        }
        return spec;
    }

    private static OperationKind kind(Fields fields) throws ApiException {
        return fields.named(
                "kind", OperationKind::of, "it must be one of " + names(OperationKind.values(), k -> k.kindName()));
    }

    /** The mode in the field {@code mode}, automatic if there is none. */
    public static ModeChoice mode(Fields fields) throws ApiException {
        return fields.optionalNamed(
                        "mode",
                        ModeChoice::of,
                        "it must be one of " + names(ModeChoice.values(), choice -> choice.choiceName()))
                .orElse(ModeChoice.AUTO);
    }

    /** A VM's name in a field. */
    public static VmName vm(Fields fields, String name) throws ApiException {
        return fields.named(name, VmName::of, VmName.rule());
    }

    /** An absolute path in a field, as it stands: without {@code ..}. */
    public static Optional<Path> absolutePath(Fields fields, String name) throws ApiException {
        return fields.optionalNamed(name, Json::absolute, "it must be an absolute path without '..'");
    }

    private static Optional<Path> absolute(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() && path.normalize().equals(path) && path.getNameCount() > 0
                    ? Optional.of(path)
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static <T> String names(T[] values, Function<T, String> name) {
        return Arrays.stream(values).map(name).collect(Collectors.joining(", "));
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
            findings.add(finding(one));
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
                fields.named("state", Json::state, "this program does not know that state"),
                fields.instant("at"),
                fields.time("elapsed-ms", MILLISECONDS),
                fields.text("detail"));
    }

    private static Optional<UpdateState> state(String name) {
        return Arrays.stream(UpdateState.values())
                .filter(state -> state.stateName().equals(name))
                .findFirst();
    }

    /** A finding, from a part of a document. */
    static Finding finding(Fields fields) throws ApiException {
        return new Finding(
                fields.named("code", Json::code, "this program does not know that code"),
                fields.text("subject"),
                fields.text("problem"),
                fields.text("remedy"));
    }

    private static Optional<Finding.Code> code(String name) {
        return Arrays.stream(Finding.Code.values())
                .filter(code -> code.codeName().equals(name))
                .findFirst();
    }

    private static Operation.Outcome outcome(Fields fields) throws ApiException {
        return new Operation.Outcome(
                fields.named("status", ExitStatus::of, "this program does not know that status"),
                fields.text("message"),
                fields.instant("at"),
                fields.optionalNamed("mode", MigMode::of, "this program does not know that mode"),
                fields.optionalTime("pause-ms", MILLISECONDS),
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

    /** A length of time for a field whose name ends in {@code -ms}. */
    public static JsonNode milliseconds(Duration time) {
        return time(time, MILLISECONDS);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Exact: reading it gives the same time again. */
    private static JsonNode time(Duration time, int shift) {
        BigDecimal value = BigDecimal.valueOf(time.getSeconds())
                .add(BigDecimal.valueOf(time.getNano(), 9))
                .scaleByPowerOfTen(shift)
                .stripTrailingZeros();
        return DecimalNode.valueOf(value.scale() < 0 ? value.setScale(0) : value);
    }
}
