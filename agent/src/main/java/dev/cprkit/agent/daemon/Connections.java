package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;

/**
 * All connections, so that no caller takes the agent from the others.
 *
 * <p>There are at most so many. One more, and the caller (a user of this host, or an address) who has the most of them
 * loses the one that has waited longest without a whole request; so someone who opens ten thousand only loses his own, and
 * a newcomer is served. If every connection has a request under way, the newcomer is answered 503. A request that is not
 * whole in time is answered 408; {@link #sweep} looks for those whose head has not come, and bodies have the same limit
 * where they are read.
 *
 * <p>Any thread may call.
 */
final class Connections implements Connection.Listener {
    private final int most;
    private final Duration requestTime;
    private final Map<EndPoint, Open> open = new HashMap<>();
    private final Map<String, LinkedHashSet<Open>> byCaller = new HashMap<>();
    private final Map<String, Integer> waits = new HashMap<>();
    private long refused;
    private long evicted;

    Connections(int most, Duration requestTime) {
        this.most = most;
        this.requestTime = requestTime;
    }

    /** A connection; all of it is guarded by the lock of its owner. */
    private static final class Open {
        final EndPoint endPoint;
        final Connection connection;
        final String caller;
        /** Whether a request has come as far as its route. */
        boolean busy;
        /** How many bytes had come when the last request ended. */
        long bytesBefore;
        /** Since when a request comes, as {@link System#nanoTime}; 0 for none. */
        long since;

        Open(EndPoint endPoint, Connection connection, String caller) {
            this.endPoint = endPoint;
            this.connection = connection;
            this.caller = caller;
        }
    }

    @Override
    public void onOpened(Connection connection) {
        if (!(connection.getEndPoint() instanceof SocketChannelEndPoint endPoint)) {
            return; // within TLS: the connection around it is in the books
        }
        Optional<Open> loser = Optional.empty();
        boolean full;
        synchronized (this) {
            full = open.size() >= most;
            if (full) {
                loser = loser();
                full = loser.isEmpty();
            }
            loser.ifPresent(one -> {
                forget(one);
                evicted++;
            });
            if (full) {
                refused++;
            } else {
                Open one = new Open(endPoint, connection, caller(endPoint));
                open.put(endPoint, one);
                byCaller.computeIfAbsent(one.caller, c -> new LinkedHashSet<>()).add(one);
            }
        }
        loser.ifPresent(one -> one.endPoint.close());
        if (full) {
            end(endPoint, connection, HttpCode.UNAVAILABLE, "the agent has too many callers; try again");
        }
    }

    @Override
    public synchronized void onClosed(Connection connection) {
        Open one = open.get(connection.getEndPoint());
        if (one != null && one.connection == connection) {
            forget(one);
        }
    }

    private void forget(Open one) {
        open.remove(one.endPoint);
        LinkedHashSet<Open> his = byCaller.get(one.caller);
        if (his != null) {
            his.remove(one);
            if (his.isEmpty()) {
                byCaller.remove(one.caller);
            }
        }
    }

    /** Of the caller with the most connections, the one that has done nothing for longest. */
    private Optional<Open> loser() {
        LinkedHashSet<Open> largest = new LinkedHashSet<>();
        for (LinkedHashSet<Open> his : byCaller.values()) {
            if (his.size() > largest.size() && his.stream().anyMatch(one -> !one.busy)) {
                largest = his;
            }
        }
        return largest.stream().filter(one -> !one.busy).findFirst();
    }

    private static String caller(SocketChannelEndPoint endPoint) {
        SocketChannel channel = endPoint.getChannel();
        try {
            if (channel.getRemoteAddress() instanceof InetSocketAddress address) {
                return address.getAddress().getHostAddress();
            }
            return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        } catch (IOException e) {
            return "";
        }
    }

    /** A request under way; closing tells its end. */
    interface Busy extends AutoCloseable {
        @Override
        void close();
    }

    /** A request has come as far as its route. */
    Busy busy(Request request) {
        EndPoint endPoint = outer(request);
        synchronized (this) {
            Open one = open.get(endPoint);
            if (one == null) {
                return () -> {};
            }
            one.busy = true;
            return () -> idle(one);
        }
    }

    private synchronized void idle(Open one) {
        one.busy = false;
        one.bytesBefore = one.connection.getBytesIn();
        one.since = 0;
        LinkedHashSet<Open> his = byCaller.get(one.caller);
        if (his != null && his.remove(one)) {
            his.add(one); // now the one that has waited least
        }
    }

    private static EndPoint outer(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return endPoint instanceof SslConnection.SslEndPoint tls
                ? tls.getSslConnection().getEndPoint()
                : endPoint;
    }

    /** Takes one of a caller's places for requests that wait. */
    Busy waiting(Request request, int limit) throws ApiException {
        String caller;
        synchronized (this) {
            Open one = open.get(outer(request));
            caller = one == null ? "" : one.caller;
            if (waits.getOrDefault(caller, 0) >= limit) {
                throw new ApiException(
                        HttpCode.UNAVAILABLE,
                        "this caller has " + limit + " requests that wait already; end some first");
            }
            waits.merge(caller, 1, Integer::sum);
        }
        return () -> {
            synchronized (this) {
                waits.computeIfPresent(caller, (c, count) -> count == 1 ? null : count - 1);
            }
        };
    }

    /** Ends the connections whose request has not come in time; to be called every second. */
    void sweep() {
        long now = System.nanoTime();
        List<Open> slow = new ArrayList<>();
        synchronized (this) {
            for (Open one : open.values()) {
                if (one.busy) {
                    continue;
                }
                if (one.since == 0 && one.connection.getBytesIn() > one.bytesBefore) {
                    one.since = now;
                } else if (one.since != 0 && now - one.since > requestTime.toNanos()) {
                    slow.add(one);
                }
            }
            slow.forEach(this::forget);
        }
        for (Open one : slow) {
            end(
                    one.endPoint,
                    one.connection,
                    HttpCode.TOO_SLOW,
                    "the request did not come within " + requestTime.toSeconds() + " s");
        }
    }

    /** Says why, if that can be done at once, and closes. */
    private static void end(EndPoint endPoint, Connection connection, HttpCode code, String why) {
        if (!(connection instanceof SslConnection)) {
            byte[] body = (Json.error(code.status(), why) + "\n").getBytes(StandardCharsets.UTF_8);
            String head = "HTTP/1.1 " + code.number() + " " + code.meaning() + "\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
            try {
                var _ = endPoint.flush(
                        ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(body));
            } catch (IOException e) {
                // it is gone already
            }
        }
        endPoint.close();
    }

    /** How many there are now. */
    synchronized int count() {
        return open.size();
    }

    /** How many newcomers were turned away. */
    synchronized long refused() {
        return refused;
    }

    /** How many idle ones were closed for a newcomer. */
    synchronized long evicted() {
        return evicted;
    }
}
