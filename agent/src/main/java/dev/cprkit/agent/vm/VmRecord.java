package dev.cprkit.agent.vm;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What is kept of a managed VM for as long as it exists; what changes with each update is in the journal and in the VM
 * itself. It is the file {@code vm.json} in the VM's folder.
 *
 * @param origin how it came to be managed
 * @param qmp the QMP socket that clients know, which updates keep leading to the newest process
 * @param command the command line that it was launched with, after what was added to it; empty if it was adopted
 * @param since when it came to be managed
 */
public record VmRecord(VmName name, Origin origin, Path qmp, List<String> command, Instant since) {
    /** How a VM came to be managed. */
    public enum Origin {
        LAUNCHED,
        ADOPTED
    }

    public VmRecord {
        command = List.copyOf(command);
    }
}
