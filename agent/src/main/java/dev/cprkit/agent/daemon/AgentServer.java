package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The agent's ears: HTTP/1.1 on a unix socket, and over TLS where configured. The socket is bound here, or comes from
 * systemd as standard input. Owned by one thread.
 */
final class AgentServer implements AutoCloseable {
    private static final int HEADERS = 8192;

    /** The part of a file's mode that tells what it is, and that it is a socket (inode(7)). */
    private static final int KIND = 0170000;

    private static final int SOCKET = 0140000;
    private static final int BACKLOG = 1024;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final AgentConfig config;
    private final Connections connections;
    private final Server server;
    private final Optional<ServerConnector> tls;
    private final Optional<TlsReload> tlsReload;
    private final boolean inherited;
    private final ScheduledExecutorService sweeper = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("looks every second").factory());

    /** @param inherited whether the unix socket is standard input, as {@link System#inheritedChannel} finds it */
    AgentServer(AgentConfig config, Connections connections, boolean inherited) throws ConfigException {
        this.config = config;
        this.connections = connections;
        this.inherited = inherited;
        QueuedThreadPool threads = new QueuedThreadPool(16, 4);
        threads.setName("http");
        threads.setDaemon(true);
        threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
        server = new Server(threads);
        server.setErrorHandler(AgentServer::error);
        server.addConnector(unix());
        if (config.tls().isPresent()) {
            SslContextFactory.Server context = context(config.tls().get());
            tls = Optional.of(tls(config.tls().get(), context));
            tlsReload = Optional.of(new TlsReload(config.tls().get(), context));
        } else {
            tls = Optional.empty();
            tlsReload = Optional.empty();
        }
        tls.ifPresent(server::addConnector);
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADERS);
        http.setIdleTimeout(IDLE.toMillis());
        return http;
    }

    private UnixDomainServerConnector unix() {
        UnixDomainServerConnector connector =
                new UnixDomainServerConnector(server, 1, 1, new HttpConnectionFactory(http()));
        connector.setAcceptQueueSize(BACKLOG);
        if (inherited) {
            connector.setInheritChannel(true);
        } else {
            connector.setUnixDomainPath(config.socket());
        }
        common(connector);
        return connector;
    }

    private static SslContextFactory.Server context(AgentConfig.Tls given) throws ConfigException {
        SslContextFactory.Server context = new SslContextFactory.Server();
        context.setSslContext(TlsContext.of(given));
        context.setNeedClientAuth(true);
        return context;
    }

    private ServerConnector tls(AgentConfig.Tls given, SslContextFactory.Server context) {
        HttpConfiguration http = http();
        http.addCustomizer(new SecureRequestCustomizer(false)); // callers name the agent as they like
        ServerConnector connector = new ServerConnector(
                server, 1, 1, new SslConnectionFactory(context, "http/1.1"), new HttpConnectionFactory(http));
        connector.setHost(given.listen().getAddress().getHostAddress());
        connector.setPort(given.listen().getPort());
        connector.setAcceptQueueSize(BACKLOG);
        common(connector);
        return connector;
    }

    private void common(AbstractConnector connector) {
        connector.setIdleTimeout(IDLE.toMillis());
        connector.addBean(connections); // it listens to every connection then
    }

    /**
     * Begins to listen.
     *
     * @throws IOException with a sentence
     */
    void start(Router router) throws IOException {
        server.setHandler(router);
        try {
            if (!inherited) {
                makeRoom();
            }
            server.start();
            if (!inherited) {
                open();
            }
        } catch (IOException e) {
            close();
            throw e;
        } catch (Exception e) {
            close();
            throw new IOException("cannot listen: " + reason(e), e);
        }
        var _ = sweeper.scheduleWithFixedDelay(connections::sweep, 1, 1, TimeUnit.SECONDS);
        tlsReload.ifPresent(reload -> {
            var _ = sweeper.scheduleWithFixedDelay(reload::look, 1, 1, TimeUnit.SECONDS);
        });
    }

    private static String reason(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    }

    /** Removes a socket that nobody listens at any more; makes the folder. */
    private void makeRoom() throws IOException {
        Path socket = config.socket();
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > 107) {
            throw new IOException("the socket's path " + socket + " is too long: a unix socket's may have 107 bytes");
        }
        if (!Files.isDirectory(socket.getParent())) {
            Files.createDirectories(
                    socket.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            int kind = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS) & KIND;
            if (kind != SOCKET) {
                throw new IOException(socket + " is there already, and is no socket; 'socket' in the configuration"
                        + " names the agent's");
            }
            try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                probe.connect(UnixDomainSocketAddress.of(socket));
            } catch (ConnectException e) {
                Files.deleteIfExists(socket); // refused: nobody listens
                return;
            }
            throw new IOException("another agent listens at " + socket);
        }
    }

    /** Until here the socket is open to this user alone: without the right to write nobody connects (unix(7)). */
    private void open() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(config.socket(), PosixFileAttributeView.class);
        if (config.socketGroup().isPresent()) {
            view.setGroup(FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(config.socketGroup().get()));
        }
        view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
    }

    /** What Jetty itself has to say, in our words and form. */
    private static boolean error(Request request, Response response, Callback callback) {
        HttpCode code = HttpCode.of(response.getStatus()).orElse(HttpCode.FAILED);
        String detail = String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE));
        String message = code.meaning() + (detail.equals("null") ? "" : ": " + detail);
        byte[] body = (Json.error(code.status(), message) + "\n").getBytes(StandardCharsets.UTF_8);
        response.setStatus(code.number());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    /** The port that TLS listens at; -1 if it does not. */
    int tlsPort() {
        return tls.map(ServerConnector::getLocalPort).orElse(-1);
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        try {
            server.setStopTimeout(2000);
            server.stop();
        } catch (Exception e) {
            // what does not stop ends with this process
        }
    }
}
