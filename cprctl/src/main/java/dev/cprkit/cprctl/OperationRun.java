package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.api.VmJson;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.terminal.Interrupts;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * Begins an operation and stays with it to its end: prints its steps, backs it out on Ctrl-C where that is possible, and
 * prints how it ended. Without an agent, the operation runs in this process, and ends before this returns.
 */
final class OperationRun {
    /** As long as an operation in this process may take to end by itself after its own time limit. */
    private static final Duration WHOLE = Duration.ofDays(8);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Duration SLICE = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Screen screen;
    private final Site site;
    private final Site.Operations operations;
    private final WaitOptions wait;

    OperationRun(Screen screen, Site site, Site.Operations operations, WaitOptions wait) {
        this.screen = screen;
        this.site = site;
        this.operations = operations;
        this.wait = wait;
    }

    /** Does it, prints it, and tells how it ended. */
    ExitStatus go(Optional<String> chosen, OperationSpec spec, Guest guest) throws OperationException {
        boolean goesOn = false;
        try {
            Operation operation = follow(chosen.orElseGet(this::newId), Optional.of(spec));
            goesOn = operation.outcome().isEmpty();
            result(operation, guest.qmp());
            return operation.outcome().map(Operation.Outcome::status).orElse(ExitStatus.UNDER_WAY);
        } catch (OperationException e) {
            goesOn = e.status() == ExitStatus.CONFLICT; // it is managed for the other operation, which goes on
            throw e;
        } finally {
            if (!goesOn) {
                guest.release();
            }
        }
    }

    /** Like {@code 20260203-120000-9f3a}: the time in UTC, and something that two of one second do not share. */
    private String newId() {
        return TIME.format(site.clock().instant())
                + String.format(Locale.ROOT, "-%04x", new SecureRandom().nextInt(1 << 16));
    }

    /** Does one of several, and prints it for people; programs get all of them in one document. */
    Operation one(OperationSpec spec) throws OperationException {
        Operation operation = follow(newId(), Optional.of(spec));
        if (!screen.json()) {
            OperationText.ended(screen, operation, Optional.empty());
        }
        return operation;
    }

    /** Looks at an operation until it has ended; Ctrl-C ends only the looking. */
    ExitStatus look(String id) throws OperationException {
        OperationService service = operations.service();
        OperationWatch watch = new OperationWatch(screen, id, wait.follow());
        try (OperationService.Subscription _ = service.subscribe(watch)) {
            service.find(id).ifPresent(watch::catchUp);
            return ended(await(id, watch, wait.timeout().orElse(WHOLE)));
        }
    }

    private ExitStatus ended(Operation operation) {
        if (screen.json()) {
            screen.document(OperationJson.of(operation));
        } else {
            OperationText.ended(screen, operation, Optional.empty());
        }
        return operation.outcome().map(Operation.Outcome::status).orElse(ExitStatus.UNDER_WAY);
    }

    private Operation follow(String id, Optional<OperationSpec> fresh) throws OperationException {
        OperationService service = operations.service();
        OperationWatch watch = new OperationWatch(screen, id, wait.follow());
        screen.waitingFor("waiting for the operation to begin");
        try (OperationService.Subscription _ = service.subscribe(watch);
                Interrupts _ = Interrupts.on(() -> cancel(id))) {
            if (fresh.isPresent()) {
                watch.catchUp(service.begin(Optional.of(id), limited(fresh.get())));
            }
            return await(id, watch, wait.limit(operations.byAgent()).orElse(WHOLE));
        }
    }

    /** Without an agent nobody tells us what another process's operation does: we look at it again and again. */
    private Operation await(String id, OperationWatch watch, Duration limit) throws OperationException {
        long deadline = System.nanoTime() + limit.toNanos();
        Duration first = operations.byAgent() || limit.compareTo(SLICE) < 0 ? limit : SLICE;
        Operation operation = operations.service().await(id, first);
        watch.catchUp(operation);
        while (!operations.byAgent()
                && operation.outcome().isEmpty()
                && !Thread.currentThread().isInterrupted()
                && System.nanoTime() - deadline < 0) {
            operation = operations.service().await(id, SLICE);
            watch.catchUp(operation);
        }
        return operation;
    }

    /** Whoever waits in this process has nobody to go on with the operation, so it ends when the wait does. */
    private OperationSpec limited(OperationSpec spec) {
        Optional<Duration> most = operations.byAgent() ? Optional.empty() : wait.timeout();
        Duration timeout = most.filter(m -> m.compareTo(spec.timeout()) < 0).orElse(spec.timeout());
        return new OperationSpec(
                spec.kind(), spec.vm(), spec.program(), spec.mode(), spec.pauseBudget(), spec.probation(), timeout);
    }

    /** On a thread of the JVM, at Ctrl-C; the wait for the operation's end goes on. */
    private void cancel(String id) {
        screen.note("asked to stop: backing out, unless the guest has moved already");
        try {
            operations.service().cancel(id);
        } catch (OperationException e) {
            screen.warning("cprctl: it could not be cancelled: " + e.getMessage());
        }
    }

    private void result(Operation operation, Path qmp) {
        Optional<VmStatus> now = operation
                .outcome()
                .filter(outcome -> outcome.status() == ExitStatus.OK)
                .flatMap(_ -> status(qmp));
        if (screen.json()) {
            ObjectNode document = OperationJson.of(operation);
            now.ifPresent(status -> document.set("vm-status", VmJson.of(status)));
            screen.document(document);
        } else {
            OperationText.ended(screen, operation, now);
        }
    }

    private Optional<VmStatus> status(Path qmp) {
        try {
            return Optional.of(VmStatus.of(Target.base(qmp), site.processes(), LOOK));
        } catch (IOException e) {
            return Optional.empty(); // it was there a moment ago: what the operation says of it stands
        }
    }
}
