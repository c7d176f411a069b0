package dev.cprkit.agent.daemon;

import javax.security.auth.x500.X500Principal;

/**
 * Gives a role to whom it matches.
 *
 * @param who it matches
 */
public record AccessRule(Role role, Who who) {
    /** Whom a rule matches. */
    public sealed interface Who {}

    /** A user of this host, by name or number. */
    public record User(String name) implements Who {}

    /** Every member of a group of this host. */
    public record Group(String name) implements Who {}

    /** A certificate with that subject. */
    public record Subject(X500Principal subject) implements Who {}

    /** A certificate with that subject alternative name. */
    public record AlternativeName(String name) implements Who {}

    boolean matches(Peer peer) {
        return switch (who) {
            case User(String name) ->
                peer instanceof Peer.Local local && local.user().equals(name);
            case Group(String name) ->
                peer instanceof Peer.Local local && local.groups().contains(name);
            case Subject(X500Principal subject) ->
                peer instanceof Peer.Certified certified && certified.subject().equals(subject);
            case AlternativeName(String name) ->
                peer instanceof Peer.Certified certified && certified.names().contains(name);
        };
    }
}
