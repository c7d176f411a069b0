package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.vm.VmName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * A request that has found its route: who asks, the names in its path, its query, its body. One thread uses it.
 *
 * @param path the parts of the route that are in braces
 * @param query each at most once
 */
record Exchange(Request request, Peer peer, Map<String, String> path, Map<String, String> query, Duration requestTime) {
    static final int LARGEST = 1 << 20;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    Caller caller() {
        return peer.caller();
    }

    /** The VM in the path. */
    VmName vm() throws ApiException {
        return VmName.of(path.get("vm"))
                .orElseThrow(() -> new ApiException(HttpCode.BAD_REQUEST, "that is no VM's name: " + VmName.rule()));
    }

    /** The id in the path. */
    String id() {
        return path.get("id");
    }

    /** A whole number in the query. */
    int number(String name, int least, int most, int otherwise) throws ApiException {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ApiException(
                HttpCode.BAD_REQUEST,
                "the parameter '" + name + "' must be a whole number from " + least + " to " + most);
    }

    /** How long the caller wants to wait, in seconds with decimals; empty if it does not. */
    Optional<Duration> patience() throws ApiException {
        String text = query.get("wait");
        if (text == null) {
            return Optional.empty();
        }
        try {
            BigDecimal seconds = new BigDecimal(text);
            if (text.length() <= 20
                    && seconds.signum() >= 0
                    && seconds.compareTo(BigDecimal.valueOf(LONGEST_WAIT.toSeconds())) <= 0) {
                return Optional.of(Duration.ofNanos(seconds.movePointRight(9).longValue()));
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ApiException(
                HttpCode.BAD_REQUEST,
                "the parameter 'wait' must be a number of seconds from 0 to " + LONGEST_WAIT.toSeconds());
    }

    /** The body, a JSON document. */
    JsonNode body() throws ApiException, IOException {
        return Fields.parse(bytes());
    }

    /** The body of a request that needs none: nothing, or a JSON document. */
    Optional<JsonNode> optionalBody() throws ApiException, IOException {
        byte[] bytes = bytes();
        return bytes.length == 0 ? Optional.empty() : Optional.of(Fields.parse(bytes));
    }

    private byte[] bytes() throws ApiException, IOException {
        if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > LARGEST) {
            throw tooLarge();
        }
        long deadline = request.getBeginNanoTime() + requestTime.toNanos();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (boolean last = false; !last; ) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                awaitMore(deadline);
                continue;
            }
            if (Content.Chunk.isFailure(chunk)) {
                throw new IOException(
                        "the request broke off: " + chunk.getFailure().getMessage());
            }
            last = chunk.isLast();
            byte[] some = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(some);
            chunk.release();
            body.writeBytes(some);
            if (body.size() > LARGEST) {
                throw tooLarge();
            }
        }
        return body.toByteArray();
    }

    private void awaitMore(long deadline) throws ApiException {
        Semaphore more = new Semaphore(0);
        request.demand(more::release);
        try {
            if (!more.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new ApiException(
                        HttpCode.TOO_SLOW, "the request did not come within " + requestTime.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpCode.UNAVAILABLE, "the agent stops");
        }
    }

    private static ApiException tooLarge() {
        return new ApiException(HttpCode.TOO_LARGE, "a request may have at most " + LARGEST + " bytes");
    }
}
