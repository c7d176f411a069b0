package dev.cprkit.agent.daemon;

import java.util.Optional;

/** What a caller may do. Each role may do all that those before it may. */
public enum Role {
    READER("reader", "looks: VMs, operations, events, metrics, checks and plans"),
    OPERATOR("operator", "changes VMs: updates, rolls back, cancels, commits"),
    ADMIN("admin", "changes the host: updates many VMs at once");

    private final String roleName;
    private final String meaning;

    Role(String roleName, String meaning) {
        this.roleName = roleName;
        this.meaning = meaning;
    }

    /** The role of that name. */
    public static Optional<Role> of(String roleName) {
        for (Role role : values()) {
            if (role.roleName.equals(roleName)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }

    /** The name in the configuration. */
    public String roleName() {
        return roleName;
    }

    /** For a sentence. */
    String withArticle() {
        return (this == READER ? "a " : "an ") + roleName;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }

    /** Whether this role may do what {@code needed} may. */
    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }
}
