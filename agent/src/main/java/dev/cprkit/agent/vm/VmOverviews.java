package dev.cprkit.agent.vm;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.vm.VmOverview.Freshness;
import dev.cprkit.agent.vm.VmOverview.Presence;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Looks at VMs, without changing anything. Any thread may call. */
public final class VmOverviews {
    /** Java's programs run in one of its processes, which says nothing of theirs. */
    private static final String JAVA = "java";

    private static final int MOST_AT_ONCE = 64;

    private final ProcessHost host;
    private final Modes modes;
    private final Past past;
    private final Duration limit;
    private final Installed installed = new Installed();

    /** Tells which modes a VM could be updated in now. */
    public interface Modes {
        /** Empty if it cannot be told. */
        Optional<List<MigMode>> usable(Path qmp);
    }

    /** Tells what was done to a VM. */
    public interface Past {
        /** The last operation that ended with the guest in another program; empty if there was none. */
        Optional<Operation.Outcome> lastUpdate(VmName vm);
    }

    /** @param limit for each of a VM's answers */
    public VmOverviews(ProcessHost host, Modes modes, Past past, Duration limit) {
        this.host = host;
        this.modes = modes;
        this.past = past;
        this.limit = limit;
    }

    /** The newest outcome, among operations with the newest first, that put the guest into another program. */
    public static Optional<Operation.Outcome> lastUpdate(List<Operation> newestFirst) {
        return newestFirst.stream()
                .flatMap(operation -> operation.outcome().stream())
                .filter(outcome ->
                        outcome.status() == ExitStatus.OK && outcome.program().isPresent())
                .findFirst();
    }

    /**
     * Looks at many at once. Which has not answered by then is silent; of which it is not known by then which modes it could
     * be updated in, none are told.
     *
     * @param limit for all of it
     */
    public List<VmOverview> all(List<VmRecord> vms, Duration limit) {
        if (vms.isEmpty()) {
            return List.of();
        }
        long deadline = System.nanoTime() + limit.toNanos();
        List<AtomicReference<VmOverview>> seen = new ArrayList<>();
        CountDownLatch left = new CountDownLatch(vms.size());
        // Platform threads, because a wait for a VM's answer is in native code. None is interrupted: it may have set a
        // mode.
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(vms.size(), MOST_AT_ONCE),
                Thread.ofPlatform().daemon().name("look at VMs").factory());
        for (VmRecord vm : vms) {
            AtomicReference<VmOverview> one = new AtomicReference<>(silent(vm, limit));
            seen.add(one);
            threads.execute(() -> {
                try {
                    if (System.nanoTime() - deadline < 0) {
                        one.set(look(Optional.of(vm.name()), vm.qmp()));
                        one.set(withModes(one.get()));
                    }
                } finally {
                    left.countDown();
                }
            });
        }
        threads.shutdown(); // those that are late end by themselves
        try {
            var _ = left.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return seen.stream().map(AtomicReference::get).toList();
    }

    private static VmOverview silent(VmRecord vm, Duration limit) {
        return new VmOverview(
                Optional.of(vm.name()),
                vm.qmp(),
                Presence.SILENT,
                "it has not answered within " + limit.toSeconds() + " s",
                Optional.empty(),
                Freshness.UNKNOWN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Looks at one. Never throws for anything that the VM does. */
    public VmOverview of(Optional<VmName> name, Path qmp) {
        return withModes(look(name, qmp));
    }

    private VmOverview withModes(VmOverview vm) {
        return new VmOverview(
                vm.name(),
                vm.qmp(),
                vm.presence(),
                vm.problem(),
                vm.status(),
                vm.program(),
                vm.installedVersion(),
                vm.presence() == Presence.ANSWERS ? modes.usable(vm.qmp()) : Optional.empty(),
                vm.lastUpdate(),
                vm.lastPause());
    }

    private VmOverview look(Optional<VmName> name, Path qmp) {
        Optional<Operation.Outcome> last = name.flatMap(past::lastUpdate);
        Optional<Instant> when = last.map(Operation.Outcome::at);
        Optional<Duration> pause = last.flatMap(Operation.Outcome::pause);
        try {
            VmStatus status = VmStatus.of(qmp, host, limit);
            Program program = program(status);
            Optional<String> version = installed.version(program.words());
            return new VmOverview(
                    name,
                    qmp,
                    Presence.ANSWERS,
                    "",
                    Optional.of(status),
                    freshness(status, program, version),
                    version,
                    Optional.empty(),
                    when,
                    pause);
        } catch (IOException e) {
            Presence presence = Naming.isThere(qmp) ? Presence.SILENT : Presence.GONE;
            return new VmOverview(
                    name,
                    qmp,
                    presence,
                    e.getMessage(),
                    Optional.empty(),
                    Freshness.UNKNOWN,
                    Optional.empty(),
                    Optional.empty(),
                    when,
                    pause);
        }
    }

    private Program program(VmStatus status) throws IOException {
        ProcessFacts facts = host.facts(status.pid());
        return Program.of(facts.commandLine(), facts.executable());
    }

    private Freshness freshness(VmStatus status, Program program, Optional<String> version) {
        Path path = Path.of(program.words().getFirst());
        if (!Files.exists(path)) {
            return Freshness.DELETED;
        }
        if (version.isPresent()) {
            int order = Versions.compare(version.get(), status.version());
            if (order != 0) {
                return order > 0 ? Freshness.NEWER : Freshness.OLDER;
            }
            if (!Versions.isSame(version.get(), status.version())) {
                return Freshness.REPLACED; // the same release in another build
            }
        }
        return isSameFile(status.pid(), path)
                .map(same -> same ? Freshness.SAME : Freshness.REPLACED)
                .orElse(version.isPresent() ? Freshness.SAME : Freshness.UNKNOWN);
    }

    /** Whether a process runs that very file; empty for a program that is none of the kernel's. */
    private static Optional<Boolean> isSameFile(long pid, Path path) {
        if (path.endsWith(JAVA)) {
            return Optional.empty();
        }
        Path running = Path.of("/proc", Long.toString(pid), "exe");
        try {
            boolean java = Files.readSymbolicLink(running).endsWith(JAVA);
            return java ? Optional.empty() : Optional.of(Files.isSameFile(running, path));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
