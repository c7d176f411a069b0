package dev.cprkit.agent.update;

import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What stands against starting a saved VM again. Changes nothing. */
final class RestoreChecks {
    private RestoreChecks() {}

    /** The first thing, a sentence without its full stop; empty if there is none. */
    static Optional<String> against(SavedVm vm, Path folder, UpdatePlan plan, ProcessHost host) {
        Path program = Path.of(plan.program().words().getFirst());
        if (!Files.isExecutable(program)) {
            return Optional.of("the program " + program + " is not there, or is not executable");
        }
        if (!Files.isDirectory(vm.directory())) {
            return Optional.of("the directory " + vm.directory() + " that it was started in is not there");
        }
        if (host.isListening(vm.qmp())) {
            return Optional.of("another process listens at " + vm.qmp() + " already");
        }
        try {
            return state(vm, folder.resolve(SavedStates.STATE)).or(() -> memory(vm));
        } catch (IOException e) {
            return Optional.of("the state in " + folder + " cannot be read: " + e.getMessage());
        }
    }

    private static Optional<String> state(SavedVm vm, Path state) throws IOException {
        boolean whole = Files.isRegularFile(state)
                && Files.size(state) == vm.stateSize()
                && FileDigest.of(state).equals(vm.stateSha256());
        return whole
                ? Optional.empty()
                : Optional.of("the state " + state + " is not what was saved: its size or its digest differs");
    }

    private static Optional<String> memory(SavedVm vm) {
        for (Map.Entry<Path, Long> file : vm.memory().entrySet()) {
            try {
                if (Files.size(file.getKey()) != file.getValue()) {
                    return Optional.of(
                            "the guest's memory in " + file.getKey() + " has another size than when it was" + " saved");
                }
            } catch (IOException e) {
                return Optional.of("the guest's memory in " + file.getKey() + " is not there");
            }
        }
        return Optional.empty();
    }
}
