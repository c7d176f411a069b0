package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.os.Fds;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent as this process: runs until somebody ends it, with SIGTERM or Ctrl-C. It may be killed at any instant; VMs
 * outlive it, and the next one goes on where it was.
 */
public final class AgentProcess {
    private static final Logger LOG = LoggerFactory.getLogger(AgentProcess.class);

    /** What a stop may take beyond the wait for operations: they have limits of their own for backing out. */
    private static final Duration CLOSING = Duration.ofSeconds(90);

    /** The first descriptor that systemd passes (sd_listen_fds(3)). */
    private static final int FIRST_PASSED = 3;

    private AgentProcess() {}

    /**
     * Runs; returns only if it cannot.
     *
     * @return what the process exits with; the log says why
     */
    public static ExitStatus run(
            AgentConfig config, Home home, ProcessHost processes, Map<String, String> environment) {
        AgentLog.install(config.logLevel(), environment, System.err);
        takePassed(environment);
        ServiceManager manager =
                new ServiceManager(environment, ProcessHandle.current().pid());
        HostWiring wiring;
        Agent agent;
        try {
            wiring = HostWiring.of(config, home, processes);
        } catch (JournalException e) {
            LOG.error("{}", e.getMessage());
            return ExitStatus.ATTENTION;
        }
        try {
            boolean inherited = System.inheritedChannel() instanceof ServerSocketChannel;
            agent = new Agent(config, wiring.host(), inherited);
            Thread stop = new Thread(() -> stop(agent, wiring, manager, config), "stop");
            agent.start();
            Runtime.getRuntime().addShutdownHook(stop);
        } catch (IOException | OperationException | ConfigException e) {
            LOG.error("{}", e.getMessage());
            wiring.close();
            return ExitStatus.ATTENTION;
        }
        manager.ready(() -> AgentClient.speaks(config.socket()));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitStatus.OK;
    }

    private static void stop(Agent agent, HostWiring wiring, ServiceManager manager, AgentConfig config) {
        LOG.info("stopping");
        manager.stopping(config.stopLimit().plus(CLOSING));
        agent.close();
        wiring.close();
        manager.close();
        Runtime.getRuntime().halt(ExitStatus.OK.number()); // a stop that was asked for is no failure
    }

    /**
     * What systemd passes (sd_listen_fds(3)) and standard input is not yet becomes standard input, where Java looks for it.
     * A VM that is started must not hold the agent's socket open.
     */
    private static void takePassed(Map<String, String> environment) {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        String whose = environment.getOrDefault("LISTEN_PID", "");
        if (!count.matches("[1-9][0-9]?")
                || !whose.equals(Long.toString(ProcessHandle.current().pid()))) {
            return;
        }
        for (int fd = FIRST_PASSED; fd < FIRST_PASSED + Integer.parseInt(count); fd++) {
            try {
                Fds.setCloseOnExec(fd, true);
                if (fd == FIRST_PASSED && !Fds.target(0).startsWith("socket:")) {
                    Fds.close(0);
                    var _ = Fds.dup(fd, 0); // to the lowest number that is free
                }
            } catch (IOException e) {
                LOG.debug("descriptor {} was not passed: {}", fd, e.getMessage());
            }
        }
    }
}
