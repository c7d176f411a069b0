package dev.cprkit.agent.vm;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Gives a name to a VM. A name is free if nobody has it, or if the VM that had it is gone. */
record Naming(VmRegistry registry) {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /**
     * Enters a VM under its name.
     *
     * @return holds the name until it is closed: nobody else can take it in between, even while the VM does not answer yet
     */
    VmRegistry.Hold enter(VmRecord vm) throws OperationException, IOException {
        VmRegistry.Hold hold = registry.hold(vm.name())
                .orElseThrow(() -> conflict("the name " + vm.name() + " is just being given to another VM"));
        try {
            Optional<VmRecord> before = registry.find(vm.name());
            if (before.isPresent() && isThere(before.get().qmp())) {
                throw conflict("a VM named " + vm.name() + " runs already, with its QMP socket at "
                        + before.get().qmp() + "; choose another name");
            }
            Optional<Path> saved = registry.savedIn(vm.name());
            if (saved.isPresent()) { // which would go on later, with disks that another one has written to
                throw conflict("a VM named " + vm.name() + " is saved in " + saved.get()
                        + ": let it go on with cprctl reboot-restore " + vm.name() + ", or choose another name");
            }
            registry.replace(vm);
            return hold;
        } catch (OperationException | IOException | RuntimeException e) {
            hold.close();
            throw e;
        }
    }

    private static OperationException conflict(String message) {
        return new OperationException(ExitStatus.CONFLICT, message);
    }

    /** Whether a process listens there; what it says does not matter. */
    static boolean isThere(Path qmp) {
        try (VmMonitor monitor = VmMonitor.open(qmp, LIMIT, () -> {})) {
            return monitor.peer().pid() > 0;
        } catch (QmpException.CannotConnect e) {
            return false;
        } catch (QmpException e) {
            return true;
        }
    }
}
