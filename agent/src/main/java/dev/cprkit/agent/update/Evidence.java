package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What whoever comes after an update that was cut off needs to find all that it has touched. It grows as the update goes
 * on: each part is in the journal before what it tells of is done.
 *
 * @param mode how the guest was to get to the new process
 * @param old the process that had the guest
 * @param oldQmp its monitor's socket
 * @param oldRunState the guest's run state before
 * @param oldMode the migration mode before
 * @param oldCapabilities the capabilities that were changed, as they were
 * @param oldParameters the numeric migration parameters that were changed, as they were
 * @param oldCommand the same command line with the previous program; in cpr-reboot it starts that one again
 * @param environment of both processes
 * @param command the new process's command line
 * @param directory in which it is started
 * @param privateFolder the folder that is made for this update alone; its path is in the new process's command line
 * @param next the new process; empty if it was not started, or was not known yet
 * @param nextQmp its monitor's socket; empty if it has none
 * @param moves the paths that change
 * @param log what it prints
 * @param stateFile the file with the guest's state, in the modes that have one
 * @param ignoresShared whether memory that is in files of its own is left out of that file
 * @param plugged what was added to the VM while it ran, and must be added to the new process before it takes the guest
 * @param settings of the old process's migration before the update, which the new one is given
 */
public record Evidence(
        MigMode mode,
        ProcessRef old,
        Path oldQmp,
        String oldRunState,
        String oldMode,
        Map<String, Boolean> oldCapabilities,
        Map<String, Long> oldParameters,
        List<String> oldCommand,
        Map<String, String> environment,
        List<String> command,
        Path directory,
        Path privateFolder,
        Optional<ProcessRef> next,
        Optional<Path> nextQmp,
        List<PathMove> moves,
        Path log,
        Optional<Path> stateFile,
        boolean ignoresShared,
        List<PlugCommand> plugged,
        MigrationSettings settings) {
    public Evidence {
        oldCapabilities = Map.copyOf(oldCapabilities);
        oldParameters = Map.copyOf(oldParameters);
        oldCommand = List.copyOf(oldCommand);
        environment = Map.copyOf(environment);
        command = List.copyOf(command);
        moves = List.copyOf(moves);
        plugged = List.copyOf(plugged);
    }

    /** The same with another new process. */
    Evidence with(ProcessRef process) {
        return new Evidence(
                mode,
                old,
                oldQmp,
                oldRunState,
                oldMode,
                oldCapabilities,
                oldParameters,
                oldCommand,
                environment,
                command,
                directory,
                privateFolder,
                Optional.of(process),
                nextQmp,
                moves,
                log,
                stateFile,
                ignoresShared,
                plugged,
                settings);
    }
}
