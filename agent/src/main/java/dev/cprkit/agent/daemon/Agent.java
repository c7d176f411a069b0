package dev.cprkit.agent.daemon;

import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService.Subscription;
import dev.cprkit.agent.update.UpdateState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of a host, from its start to its stop. One thread starts it, one stops it.
 *
 * <p>The start: what an agent before has left is finished, from the journal and from what is really there; then updates of
 * many VMs go on; then callers are let in. The stop: nothing new is begun; operations that have not yet stopped their guest
 * are asked to back out, the others are waited for.
 */
final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final int PAST = 200;
    private static final Duration LOOK = Duration.ofMillis(500);

    private final AgentConfig config;
    private final Host host;
    private final Metrics metrics = new Metrics();
    private final EventHub hub = new EventHub(metrics);
    private final Connections connections;
    private final GuardedBegin begin;
    private final HostUpdates hostUpdates;
    private final AgentServer server;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("journal of others").factory());
    private final List<Subscription> subscriptions = new ArrayList<>();
    private long foreignVersion;

    Agent(AgentConfig config, Host host, boolean inherited) throws ConfigException {
        this.config = config;
        this.host = host;
        this.connections =
                new Connections(config.limits().connections(), config.limits().requestTime());
        this.begin = new GuardedBegin(
                host.operations(), host.begin(), host.vms(), new ProgramRules(config.programFolders()));
        this.hostUpdates =
                new HostUpdates(host.hostUpdates(), host.operations(), begin, host.vms(), host.audit(), host.places());
        this.server = new AgentServer(config, connections, inherited);
    }

    /** All that can be asked for. */
    List<Route> routes() {
        int waits = config.limits().waitsPerCaller();
        List<Route> routes = new ArrayList<>();
        routes.addAll(new VmEndpoints(host.vms(), new ProgramRules(config.programFolders())).routes());
        routes.addAll(new OperationEndpoints(
                        host.operations(), begin, host.vms(), host.audit(), connections, waits, stopping::get)
                .routes());
        routes.addAll(new EventEndpoint(hub, host.operations(), connections, waits).routes());
        routes.addAll(new HostEndpoints(hostUpdates, host.audit(), connections, waits, stopping::get).routes());
        routes.addAll(new SystemEndpoints(host.vms(), metrics, connections, host.journal()::trouble).routes());
        return routes;
    }

    /** Returns when callers are served. */
    void start() throws IOException, OperationException {
        hub.knows(host.operations().history(Optional.empty(), PAST));
        subscriptions.add(host.operations().subscribe(hub));
        subscriptions.add(host.operations().subscribe(new OperationLog()));
        host.recovery().run();
        hostUpdates.takeUp();
        server.start(
                new Router(routes(), new Access(config.rules()), connections, host.audit(), metrics, config.limits()));
        var _ = looks.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        LOG.info(
                "ready at {}{}",
                config.socket(),
                config.tls().map(tls -> " and " + tls.listen()).orElse(""));
    }

    /** What a {@code cprctl} without us has done. */
    private void look() {
        try {
            long version = host.journal().foreignVersion();
            if (version != foreignVersion) {
                foreignVersion = version;
                hub.look(host.operations().history(Optional.empty(), PAST));
            }
        } catch (OperationException | RuntimeException e) {
            LOG.debug("the journal could not be looked at: {}", e.getMessage());
        }
    }

    /** The port that TLS listens at; -1 if it does not. */
    int tlsPort() {
        return server.tlsPort();
    }

    /** How many connections there are. */
    Connections connections() {
        return connections;
    }

    @Override
    public void close() {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        begin.stop();
        hostUpdates.leave();
        try {
            finish();
        } catch (OperationException e) {
            LOG.warn("what is under way could not be waited for: {}", e.getMessage());
        }
        looks.shutdownNow();
        subscriptions.forEach(Subscription::close);
        hub.close();
        LOG.info("stopped");
        server.close();
    }

    private void finish() throws OperationException {
        List<Operation> underWay = host.operations().history(Optional.empty(), PAST).stream()
                .filter(operation -> operation.outcome().isEmpty() && hub.isOurs(operation.id()))
                .toList();
        for (Operation operation : underWay) {
            if (canBackOut(operation)) {
                host.operations().cancel(operation.id());
            }
        }
        long deadline = System.nanoTime() + config.stopLimit().toNanos();
        for (Operation operation : underWay) {
            LOG.info("waits for operation {}", operation.id());
            long left = Math.max(0, deadline - System.nanoTime());
            Operation end = host.operations().await(operation.id(), Duration.ofNanos(left));
            if (end.outcome().isEmpty()) {
                LOG.warn("operation {} still goes on; the next agent finishes it", operation.id());
            }
        }
    }

    /** Whether its guest still runs where it was. */
    private static boolean canBackOut(Operation operation) {
        return operation
                .state()
                .map(state -> state.compareTo(UpdateState.PAUSED) < 0)
                .orElse(true);
    }
}
