package dev.cprkit.agent.daemon;

import dev.cprkit.agent.operation.Caller;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/** Who is at the other end of a connection, as the kernel or a certificate says. */
sealed interface Peer {
    /** As it stands in the journal and in the audit trail. */
    Caller caller();

    /**
     * A process on this host (SO_PEERCRED, unix(7)).
     *
     * @param user the name, or the number of a user without one
     * @param groups all that the user is in, and the process's own
     * @param owner whether it is the agent's own user, or root
     */
    record Local(String user, Set<String> groups, boolean owner) implements Peer {
        public Local {
            groups = Set.copyOf(groups);
        }

        @Override
        public Caller caller() {
            return new Caller(user, "unix");
        }
    }

    /**
     * Somebody with a certificate that the agent's authority has signed.
     *
     * @param names the subject's alternative names that are texts: hosts, addresses of mail, URIs
     */
    record Certified(X500Principal subject, List<String> names) implements Peer {
        public Certified {
            names = List.copyOf(names);
        }

        @Override
        public Caller caller() {
            return new Caller(subject.getName(), "tls");
        }
    }
}
