package dev.cprkit.vmm.machine.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the process behaves.
 *
 * @param startStopped {@code -S}: the guest waits for {@code cont}
 * @param actions {@code -action}, {@code -no-reboot} and the like: what the guest's own doings lead to
 * @param pidFile {@code -pidfile}: where to write the process's id
 * @param exitWithParent {@code -run-with exit-with-parent=on}: the process ends when its parent does
 * @param onlyMigratable {@code -only-migratable}: nothing may keep the machine from migrating
 */
public record ProcessConfig(
        boolean startStopped,
        GuestActions actions,
        Optional<Path> pidFile,
        boolean exitWithParent,
        boolean onlyMigratable) {}
