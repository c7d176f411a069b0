package dev.cprkit.agent.journal;

import dev.cprkit.agent.operation.Caller;
import java.time.Instant;

/**
 * Who changed what.
 *
 * @param caller who, and through what
 * @param what an operation's kind and its VM, or what else was changed
 * @param operation its id; empty for what is no operation
 * @param program the path of the program that was to run; empty if there is none
 * @param sha256 of that file when it was asked for, in hexadecimal; empty if it could not be read
 * @param result a status, as in {@link dev.cprkit.agent.ExitStatus}, or {@code begun}
 */
public record AuditEntry(
        Instant at, Caller caller, String what, String operation, String program, String sha256, String result) {}
