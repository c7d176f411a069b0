package dev.cprkit.agent.reboot;

import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.vm.VmRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A VM that no process runs: all that is needed to go on with it. It is the file {@code manifest.json}, beside the
 * guest's state.
 *
 * @param record as it is managed: after the host's restart its folder may be gone
 * @param operation that saved it
 * @param order among the VMs of the host: those that were saved first are restored first
 * @param stopped when the guest stopped
 * @param runState of the guest before
 * @param program that ran it
 * @param words of the command line that name the program
 * @param arguments that a process takes which is to load the state
 * @param directory in which it is started
 * @param qmp its monitor's socket
 * @param links from paths that clients know to those that the process makes; the targets are relative
 * @param log what it prints goes here
 * @param stateSize in bytes
 * @param stateSha256 of the state's file, in hexadecimal
 * @param ignoreShared whether memory in files of its own was left there
 * @param memory those files, and their sizes in bytes
 * @param plugged what was added to the VM while it ran, and must be added again before it takes the state
 * @param settings of its migration, which the next process is given once the guest is in it
 */
public record SavedVm(
        VmRecord record,
        String operation,
        int order,
        Instant stopped,
        String runState,
        Operation.Program program,
        List<String> words,
        List<String> arguments,
        Path directory,
        Map<String, String> environment,
        Path qmp,
        Map<Path, Path> links,
        Path log,
        long stateSize,
        String stateSha256,
        boolean ignoreShared,
        Map<Path, Long> memory,
        List<PlugCommand> plugged,
        MigrationSettings settings) {
    public SavedVm {
        words = List.copyOf(words);
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        links = Map.copyOf(links);
        memory = Map.copyOf(memory);
        plugged = List.copyOf(plugged);
    }

    /** Whether the guest was executing instructions, or would by itself. */
    public boolean wasLive() {
        return runState.equals("running") || runState.equals("suspended");
    }
}
