package dev.cprkit.agent.daemon;

import dev.cprkit.agent.os.NotifySocket;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the agent is (sd_notify(3)): ready, alive, stopping. Without {@code NOTIFY_SOCKET} it tells nobody.
 * Any thread may call.
 */
final class ServiceManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private final Optional<String> socket;
    private final Optional<Duration> watchdog;
    private final ScheduledExecutorService pulse = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("watchdog").factory());

    ServiceManager(Map<String, String> environment, long pid) {
        String given = environment.getOrDefault("NOTIFY_SOCKET", "");
        this.socket = given.startsWith("/") || given.startsWith("@") ? Optional.of(given) : Optional.empty();
        this.watchdog = watchdog(environment, pid);
    }

    /** {@code WATCHDOG_USEC} is meant for the process {@code WATCHDOG_PID}, if that is there. */
    private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String whose = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (!micros.matches("[1-9][0-9]{0,17}") || !whose.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        return Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS));
    }

    /** The agent answers; from now on it tells that it is alive for as long as {@code alive} says so. */
    void ready(BooleanSupplier alive) {
        send("READY=1\nSTATUS=ready");
        watchdog.ifPresent(every -> {
            long half = every.toNanos() / 2;
            var _ = pulse.scheduleAtFixedRate(
                    () -> {
                        if (alive.getAsBoolean()) {
                            send("WATCHDOG=1");
                        }
                    },
                    half,
                    half,
                    TimeUnit.NANOSECONDS);
        });
    }

    /** It stops, and needs at most so long for it. */
    void stopping(Duration atMost) {
        send("STOPPING=1\nSTATUS=waits for operations under way\nEXTEND_TIMEOUT_USEC=" + atMost.toNanos() / 1000);
    }

    private void send(String text) {
        if (socket.isPresent()) {
            try {
                NotifySocket.send(socket.get(), text);
            } catch (IOException e) {
                LOG.warn("systemd cannot be told at {}: {}", socket.get(), e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        pulse.shutdownNow();
    }
}
