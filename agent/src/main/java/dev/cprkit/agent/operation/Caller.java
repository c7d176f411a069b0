package dev.cprkit.agent.operation;

/**
 * Who asks for an operation.
 *
 * @param who a user's name, or a certificate's
 * @param through {@code cprctl}, {@code unix} or {@code tls}
 */
public record Caller(String who, String through) {}
