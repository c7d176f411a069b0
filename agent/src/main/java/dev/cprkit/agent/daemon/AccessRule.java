package dev.cprkit.agent.daemon;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalLookupService;
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
    public record User(String name) implements Who {
        /** Whether it is the user of that name, whichever of the two is written as a number. */
        private boolean is(String other) {
            return name.equals(other) || isNumber(name) && isSame(name, other);
        }

        private static boolean isNumber(String text) {
            return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        private static boolean isSame(String one, String other) {
            UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
            try {
                return users.lookupPrincipalByName(one).equals(users.lookupPrincipalByName(other));
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** Every member of a group of this host. */
    public record Group(String name) implements Who {}

    /** A certificate with that subject. */
    public record Subject(X500Principal subject) implements Who {}

    /** A certificate with that subject alternative name. */
    public record AlternativeName(String name) implements Who {}

    boolean matches(Peer peer) {
        return switch (who) {
            case User user -> peer instanceof Peer.Local local && user.is(local.user());
            case Group(String name) ->
                peer instanceof Peer.Local local && local.groups().contains(name);
            case Subject(X500Principal subject) ->
                peer instanceof Peer.Certified certified && certified.subject().equals(subject);
            case AlternativeName(String name) ->
                peer instanceof Peer.Certified certified && certified.names().contains(name);
        };
    }
}
