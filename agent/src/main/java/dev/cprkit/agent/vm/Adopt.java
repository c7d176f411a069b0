package dev.cprkit.agent.vm;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.GenerationalPath;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Takes over a VM that somebody else started, and lets one go. Its process is not touched. Any thread may call. */
public final class Adopt {
    private final VmRegistry registry;
    private final ProcessHost host;
    private final Clock clock;

    public Adopt(VmRegistry registry, ProcessHost host, Clock clock) {
        this.registry = registry;
        this.host = host;
        this.clock = clock;
    }

    /**
     * Enters a VM that runs under a name.
     *
     * @param qmp its QMP socket
     * @param limit for each of its answers
     * @throws OperationException with {@link ExitStatus#UNREACHABLE} if no VM answers there, with
     *     {@link ExitStatus#CONFLICT} if the name is taken or the VM has one already
     */
    public VmRecord adopt(VmName name, Path qmp, Duration limit) throws OperationException {
        Path socket = known(qmp.toAbsolutePath().normalize());
        try (VmMonitor monitor = VmMonitor.open(socket, limit, () -> {})) {
            monitor.negotiate();
            host.facts(monitor.peer().pid()); // whoever may not look at the process cannot update it either
        } catch (QmpException | IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
        try {
            Optional<VmRecord> known = registry.withQmp(socket);
            if (known.isPresent()) {
                throw new OperationException(
                        ExitStatus.CONFLICT,
                        "the VM at " + qmp + " is managed already, under the name "
                                + known.get().name());
            }
            VmRecord vm = new VmRecord(name, VmRecord.Origin.ADOPTED, socket, List.of(), clock.instant());
            try (VmRegistry.Hold _ = new Naming(registry).enter(vm)) {
                return vm;
            }
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ABORTED, e.getMessage());
        }
    }

    /** The path that stays when generations change, if it leads to the same socket as the one that was given. */
    private static Path known(Path qmp) {
        Path base = Path.of(GenerationalPath.of(qmp.toString()).base());
        try {
            return base.toRealPath().equals(qmp.toRealPath()) ? base : qmp;
        } catch (IOException e) {
            return qmp;
        }
    }

    /**
     * Takes a VM out of those that are managed. One that runs goes on, with its sockets where they are; of one that is
     * gone, nothing is left.
     *
     * @return whether it runs
     * @throws OperationException with {@link ExitStatus#UNREACHABLE} if there is none of that name
     */
    public boolean forget(VmName name) throws OperationException {
        try {
            boolean runs = isThere(name);
            if (!(runs ? registry.forget(name) : registry.remove(name))) {
                throw new OperationException(ExitStatus.UNREACHABLE, "there is no VM named " + name);
            }
            return runs;
        } catch (IOException e) {
            throw new OperationException(ExitStatus.ABORTED, e.getMessage());
        }
    }

    /** A VM whose file is damaged may run: who knows where. Its folder stays then. */
    private boolean isThere(VmName name) {
        try {
            return registry.find(name).map(vm -> Naming.isThere(vm.qmp())).orElse(false);
        } catch (IOException e) {
            return true;
        }
    }
}
