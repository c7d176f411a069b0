package dev.cprkit.agent.daemon;

import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.os.GroupDatabase;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.eclipse.jetty.io.EndPoint;

/**
 * Who callers are and what they may do. The agent's own user and root may do all; everybody else has the highest role that
 * a rule of the configuration gives, or none. Any thread may call.
 */
final class Access {
    private final List<AccessRule> rules;
    private final Set<UserPrincipal> owners;

    Access(List<AccessRule> rules) throws IOException {
        this.rules = List.copyOf(rules);
        this.owners = TrustedPath.owners();
    }

    /** What that one may do; empty for nothing. */
    Optional<Role> role(Peer peer) {
        if (peer instanceof Peer.Local local && local.owner()) {
            return Optional.of(Role.ADMIN);
        }
        return rules.stream()
                .filter(rule -> rule.matches(peer))
                .map(AccessRule::role)
                .max(Role::compareTo);
    }

    /** Who is at the other end. */
    Peer peer(EndPoint endPoint) throws IOException {
        EndPoint.SslSessionData tls = endPoint.getSslSessionData();
        if (tls != null) {
            return certified(tls.peerCertificates());
        }
        if (endPoint.getTransport() instanceof SocketChannel channel) {
            return local(channel.getOption(ExtendedSocketOptions.SO_PEERCRED));
        }
        throw new IOException("nobody knows who is at the other end of " + endPoint);
    }

    private Peer local(UnixDomainPrincipal credentials) {
        String user = credentials.user().getName();
        Set<String> groups = new HashSet<>(GroupDatabase.groupsOf(user));
        groups.add(credentials.group().getName());
        return new Peer.Local(user, groups, owners.contains(credentials.user()));
    }

    private static Peer certified(X509Certificate[] chain) throws IOException {
        if (chain == null || chain.length == 0) {
            throw new IOException("the caller shows no certificate");
        }
        List<String> names = new ArrayList<>();
        try {
            var alternatives = chain[0].getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if (alternative.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            throw new IOException("the caller's certificate cannot be read: " + e.getMessage(), e);
        }
        return new Peer.Certified(chain[0].getSubjectX500Principal(), names);
    }
}
