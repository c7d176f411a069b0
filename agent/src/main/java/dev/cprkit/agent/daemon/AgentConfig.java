package dev.cprkit.agent.daemon;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;

/**
 * What the configuration file says, checked. {@code cprkit-agent.conf(5)} tells of each.
 *
 * @param socketGroup whose members may connect to the unix socket; what they may do then, the rules say
 * @param operationsAtOnce on this host
 * @param programFolders where the programs are that VMs may be updated to
 * @param stopLimit how long a stop of the agent waits for operations past the switch
 * @param tls empty for no TLS
 */
public record AgentConfig(
        Path socket,
        Optional<String> socketGroup,
        int operationsAtOnce,
        List<Path> programFolders,
        Level logLevel,
        Duration stopLimit,
        Keep keep,
        Limits limits,
        Optional<Tls> tls,
        List<AccessRule> rules) {
    public AgentConfig {
        programFolders = List.copyOf(programFolders);
        rules = List.copyOf(rules);
    }

    /**
     * What of the past the journal keeps.
     *
     * @param operations at most so many that have ended
     */
    public record Keep(Duration age, int operations) {}

    /**
     * Bounds on what callers may take of the agent.
     *
     * @param connections at once, of all callers; beyond it, whoever has most of them loses an idle one
     * @param waitsPerCaller long polls and streams of events at once, of one caller
     * @param requestTime from a request's first byte to its last
     */
    public record Limits(int connections, int waitsPerCaller, Duration requestTime) {}

    /**
     * TLS with certificates on both sides.
     *
     * @param certificate PEM: the agent's own, then those that lead to its authority
     * @param key PEM, PKCS#8, not encrypted
     * @param clientAuthority PEM: who signs callers' certificates
     */
    public record Tls(InetSocketAddress listen, Path certificate, Path key, Path clientAuthority) {}
}
