package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.operation.OperationException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that can be asked for.
 *
 * @param template a path whose parts in braces match anything, as {@code /v1/vms/{vm}}
 * @param needed empty if anybody may ask who can connect
 * @param query the parameters it takes
 * @param codes what it may answer, besides what any request may be answered
 */
record Route(
        String method, String template, Optional<Role> needed, Set<String> query, Set<HttpCode> codes, Answer answer) {
    /** What any request may be answered that gets as far as a route. */
    static final Set<HttpCode> ALWAYS =
            Set.of(HttpCode.BAD_REQUEST, HttpCode.FORBIDDEN, HttpCode.FAILED, HttpCode.UNAVAILABLE);

    /** Answers. Runs on a thread of the request's own, and may wait. */
    interface Answer {
        Reply to(Exchange exchange) throws ApiException, OperationException, IOException;
    }

    Route {
        query = Set.copyOf(query);
        codes = Set.copyOf(codes);
    }

    /** The parts of the path in braces by their names; empty if the path is another one. */
    Optional<Map<String, String>> match(List<String> path) {
        List<String> parts = List.of(template.substring(1).split("/", -1));
        if (parts.size() != path.size()) {
            return Optional.empty();
        }
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (part.startsWith("{")) {
                names.put(part.substring(1, part.length() - 1), path.get(i));
            } else if (!part.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(names);
    }
}
