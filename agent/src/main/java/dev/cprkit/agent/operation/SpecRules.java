package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import java.time.Duration;
import java.util.Optional;

/** What may be asked for at all, whatever the VM. */
final class SpecRules {
    /** Nothing that anybody waits for takes longer; and it fits wherever nanoseconds are counted. */
    private static final Duration MOST = Duration.ofDays(7);

    private SpecRules() {}

    static void check(String id, OperationSpec spec) throws OperationException {
        if (!OperationId.isValid(id)) {
            throw wrong("'" + id + "' cannot be an operation's id: " + OperationId.rule());
        }
        if (spec.program().isPresent() && !spec.program().get().isAbsolute()) {
            throw wrong("the program " + spec.program().get() + " must be an absolute path");
        }
        positive("timeout", Optional.of(spec.timeout()));
        positive("pause budget", spec.pauseBudget());
        if (spec.probation().isNegative() || spec.probation().compareTo(MOST) > 0) {
            throw wrong("the probation must be from 0 to " + MOST.toDays() + " days");
        }
        if (spec.kind() == OperationKind.ROLLBACK && spec.program().isPresent()) {
            throw wrong("a rollback names no program: it goes to the one before the last update");
        }
    }

    private static void positive(String what, Optional<Duration> value) throws OperationException {
        if (value.isPresent()
                && (value.get().isNegative()
                        || value.get().isZero()
                        || value.get().compareTo(MOST) > 0)) {
            throw wrong("the " + what + " must be more than 0 and at most " + MOST.toDays() + " days");
        }
    }

    private static OperationException wrong(String message) {
        return new OperationException(ExitStatus.USAGE, message);
    }
}
