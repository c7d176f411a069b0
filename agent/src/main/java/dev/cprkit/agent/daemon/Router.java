package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.operation.OperationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads each request to its route: finds out who asks, whether that one may, and answers; an error is a JSON document of
 * type {@code error}. Each request has a virtual thread of its own, and may wait on it.
 */
final class Router extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private final List<Route> routes;
    private final Access access;
    private final Connections connections;
    private final AuditTrail audit;
    private final Metrics metrics;
    private final AgentConfig.Limits limits;
    private final Denials denials = new Denials();

    Router(
            List<Route> routes,
            Access access,
            Connections connections,
            AuditTrail audit,
            Metrics metrics,
            AgentConfig.Limits limits) {
        super(InvocationType.BLOCKING);
        this.routes = List.copyOf(routes);
        this.access = access;
        this.connections = connections;
        this.audit = audit;
        this.metrics = metrics;
        this.limits = limits;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try (var _ = connections.busy(request)) {
            write(reply(request), request, response, callback);
        } catch (IOException e) {
            callback.failed(e); // the caller is gone
        }
        return true;
    }

    private Reply reply(Request request) {
        try {
            return answer(request);
        } catch (ApiException e) {
            return Reply.of(e.code(), Json.error(e.status(), e.getMessage()));
        } catch (OperationException e) {
            return Reply.of(HttpCode.of(e.status()), Json.error(e.status(), e.getMessage()));
        } catch (IOException e) {
            LOG.warn("{} {}: {}", request.getMethod(), request.getHttpURI().getPath(), e.getMessage());
            return failed(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error(
                    "{} {} failed; this is a bug",
                    request.getMethod(),
                    request.getHttpURI().getPath(),
                    e);
            return failed("this is a bug in the agent, please report it: " + e);
        }
    }

    private static Reply failed(String message) {
        return Reply.of(HttpCode.FAILED, Json.error(HttpCode.FAILED.status(), message));
    }

    private Reply answer(Request request) throws ApiException, OperationException, IOException {
        List<String> path =
                List.of(Request.getPathInContext(request).substring(1).split("/", -1));
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> names = route.match(path);
            if (names.isPresent()) {
                if (route.method().equals(request.getMethod())) {
                    Peer peer = access.peer(
                            request.getConnectionMetaData().getConnection().getEndPoint());
                    authorise(request, route, peer);
                    return route.answer()
                            .to(new Exchange(request, peer, names.get(), query(request, route), limits.requestTime()));
                }
                methods.add(route.method());
            }
        }
        if (methods.isEmpty()) {
            throw new ApiException(
                    HttpCode.NOT_FOUND, "there is nothing at that path; /v1/openapi.json tells what there is");
        }
        throw new ApiException(HttpCode.METHOD_NOT_ALLOWED, "that path knows " + String.join(", ", methods) + " only");
    }

    private void authorise(Request request, Route route, Peer peer) throws ApiException {
        if (route.needed().isEmpty()) {
            return;
        }
        Role needed = route.needed().get();
        Optional<Role> role = access.role(peer);
        if (role.isPresent() && role.get().covers(needed)) {
            return;
        }
        String what =
                request.getMethod() + " " + dev.cprkit.agent.api.Fields.shorten(Request.getPathInContext(request));
        boolean news = denials.isNews(peer.caller().who() + " " + peer.caller().through());
        if (news) {
            LOG.warn("{} may not {}", peer.caller().who(), what);
        }
        if (news && needed != Role.READER) {
            audit.write(new AuditEntry(
                    Instant.now(),
                    peer.caller(),
                    what,
                    "",
                    "",
                    "",
                    HttpCode.FORBIDDEN.status().statusName()));
        }
        throw new ApiException(
                HttpCode.FORBIDDEN,
                "'" + peer.caller().who() + "' is "
                        + role.map(Role::withArticle).orElse("nobody") + " here, and " + "that needs "
                        + needed.withArticle() + "; 'allow' in the agent's configuration gives roles");
    }

    private static Map<String, String> query(Request request, Route route) throws ApiException {
        Map<String, String> query = new HashMap<>();
        Fields fields;
        try {
            fields = Request.extractQueryParameters(request, StandardCharsets.UTF_8);
        } catch (RuntimeException e) {
            throw new ApiException(HttpCode.BAD_REQUEST, "the query cannot be read: " + e.getMessage());
        }
        for (Fields.Field field : fields) {
            if (!route.query().contains(field.getName())) {
                throw new ApiException(
                        HttpCode.BAD_REQUEST,
                        "the parameter '" + field.getName() + "' is not known; known are: "
                                + (route.query().isEmpty() ? "none" : String.join(", ", new TreeSet<>(route.query()))));
            }
            if (field.hasMultipleValues()) {
                throw new ApiException(HttpCode.BAD_REQUEST, "the parameter '" + field.getName() + "' is there twice");
            }
            query.put(field.getName(), field.getValue());
        }
        return query;
    }

    private void write(Reply reply, Request request, Response response, Callback callback) throws IOException {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        switch (reply) {
            case Reply.Whole(HttpCode code, String type, byte[] body) -> {
                metrics.answered(code);
                response.setStatus(code.number());
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
                if (code == HttpCode.TOO_LARGE || code == HttpCode.TOO_SLOW) {
                    response.getHeaders().put(HttpHeader.CONNECTION, "close");
                }
                response.write(true, ByteBuffer.wrap(body), callback);
            }
            case Reply.Stream(Reply.Writer writer) -> {
                metrics.answered(HttpCode.OK);
                response.setStatus(HttpCode.OK.number());
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
                // Nothing is read while a stream is written: that it is quiet is no reason to end it.
                request.addIdleTimeoutListener((TimeoutException e) -> false);
                writer.to(text ->
                        Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
                callback.succeeded();
            }
        }
    }
}
