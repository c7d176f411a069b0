package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.os.GroupDatabase;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final X500Principal DEPLOY = new X500Principal("CN=deploy,O=Example");

    private static Peer.Local user(String name, String... groups) {
        return new Peer.Local(name, Set.of(groups), false);
    }

    @Test
    void everybody_has_the_highest_role_that_a_rule_gives_and_strangers_have_none() throws Exception {
        Access access = new Access(List.of(
                new AccessRule(Role.READER, new AccessRule.Group("staff")),
                new AccessRule(Role.OPERATOR, new AccessRule.User("ann")),
                new AccessRule(Role.ADMIN, new AccessRule.Subject(DEPLOY)),
                new AccessRule(Role.READER, new AccessRule.AlternativeName("monitor.example.org"))));
        assertThat(access.role(user("bob", "staff"))).contains(Role.READER);
        assertThat(access.role(user("ann", "staff"))).contains(Role.OPERATOR);
        assertThat(access.role(user("eve", "users"))).isEmpty();
        // A certificate is no user, whatever its name is.
        assertThat(access.role(new Peer.Certified(new X500Principal("CN=ann"), List.of("ann"))))
                .isEmpty();
        assertThat(access.role(new Peer.Certified(DEPLOY, List.of()))).contains(Role.ADMIN);
        assertThat(access.role(new Peer.Certified(new X500Principal("CN=m"), List.of("monitor.example.org"))))
                .contains(Role.READER);
    }

    @Test
    void the_agents_own_user_and_root_need_no_rule() throws Exception {
        Access access = new Access(List.of());
        assertThat(access.role(new Peer.Local("root", Set.of(), true))).contains(Role.ADMIN);
        assertThat(access.role(new Peer.Local("root", Set.of(), false))).isEqualTo(Optional.empty());
    }

    @Test
    void a_user_may_be_written_as_a_number() {
        AccessRule root = new AccessRule(Role.READER, new AccessRule.User("0"));
        assertThat(root.matches(user("root"))).isTrue();
        assertThat(root.matches(user("0"))).isTrue();
        assertThat(root.matches(user("nobody"))).isFalse();
        assertThat(root.matches(user("nobody-is-this"))).isFalse();
    }

    @Test
    void of_a_caller_without_rights_so_much_is_written_down_and_no_more() {
        Denials denials = new Denials();
        for (int i = 0; i < 10; i++) {
            assertThat(denials.isNews("eve")).isTrue();
        }
        assertThat(denials.isNews("eve")).isFalse();
        assertThat(denials.isNews("ann")).isTrue();
    }

    @Test
    void a_role_covers_those_below_it() {
        assertThat(Role.ADMIN.covers(Role.READER)).isTrue();
        assertThat(Role.READER.covers(Role.OPERATOR)).isFalse();
        for (Role role : Role.values()) {
            assertThat(Role.of(role.roleName())).contains(role);
        }
    }

    @Test
    void the_groups_of_a_user_come_from_the_host() {
        assertThat(GroupDatabase.groupsOf("root")).contains("root");
        assertThat(GroupDatabase.groupsOf("nobody-is-this")).isEmpty();
    }
}
