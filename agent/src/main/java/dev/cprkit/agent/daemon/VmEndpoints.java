package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.api.VmJson;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmOverview;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code /v1/vms}. Any thread may call. */
final class VmEndpoints {
    private final Vms vms;
    private final ProgramRules programs;

    VmEndpoints(Vms vms, ProgramRules programs) {
        this.vms = vms;
        this.programs = programs;
    }

    List<Route> routes() {
        Optional<Role> reader = Optional.of(Role.READER);
        Set<HttpCode> looked =
                Set.of(HttpCode.OK, HttpCode.NOT_FOUND, HttpCode.REFUSED, HttpCode.TOO_LARGE, HttpCode.TOO_SLOW);
        return List.of(
                new Route("GET", "/v1/vms", reader, Set.of(), Set.of(HttpCode.OK), this::list),
                new Route("GET", "/v1/vms/{vm}", reader, Set.of(), Set.of(HttpCode.OK, HttpCode.NOT_FOUND), this::get),
                new Route("POST", "/v1/vms/{vm}/check", reader, Set.of(), looked, this::check),
                new Route("POST", "/v1/vms/{vm}/plan", reader, Set.of(), looked, this::plan));
    }

    private Reply list(Exchange exchange) throws IOException {
        ObjectNode document = Json.document("vms");
        ArrayNode list = document.putArray("vms");
        vms.overviews().forEach(vm -> list.add(VmJson.part(vm)));
        ArrayNode damaged = document.putArray("damaged");
        vms.damaged().forEach(damaged::add);
        return Reply.of(document);
    }

    private Reply get(Exchange exchange) throws ApiException, IOException {
        Optional<VmOverview> vm = vms.overview(exchange.vm());
        return Reply.of(VmJson.of(vm.orElseThrow(VmEndpoints::none)));
    }

    private static ApiException none() {
        return new ApiException(HttpCode.NOT_FOUND, "there is no VM of that name");
    }

    /** What a check and a plan are asked about. */
    private record Question(Optional<Path> program, ModeChoice mode) {}

    private Question question(Exchange exchange) throws ApiException, OperationException, IOException {
        if (!vms.names().contains(exchange.vm())) {
            throw none();
        }
        Optional<JsonNode> body = exchange.optionalBody();
        if (body.isEmpty()) {
            return new Question(Optional.empty(), ModeChoice.AUTO);
        }
        Fields fields = Fields.of(body.get()).document("question");
        Question question = new Question(Json.absolutePath(fields, "program"), Json.mode(fields));
        fields.end();
        if (question.program().isPresent()) {
            // A check asks the new program what it can do, so it runs it.
            var _ = programs.check(question.program().get());
        }
        return question;
    }

    private Reply check(Exchange exchange) throws ApiException, OperationException, IOException {
        Question question = question(exchange);
        try {
            return Reply.of(vms.check(exchange.vm(), question.program(), question.mode()));
        } catch (IOException e) {
            throw silent(e);
        }
    }

    private Reply plan(Exchange exchange) throws ApiException, OperationException, IOException {
        Question question = question(exchange);
        try {
            return Reply.of(vms.plan(exchange.vm(), question.program(), question.mode()));
        } catch (IOException e) {
            throw silent(e);
        }
    }

    private static ApiException silent(IOException e) {
        return new ApiException(HttpCode.UNAVAILABLE, e.getMessage());
    }
}
