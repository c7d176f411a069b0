package dev.cprkit.agent.daemon;

import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the agent puts behind HTTP: the operations of a host, its VMs and its journal.
 *
 * @param recovery finishes what the agent before has left
 * @param audit where it is kept who changed what
 * @param journal how the journal is
 * @param hostUpdates the folder of updates of many VMs
 * @param places how many operations run at once
 */
record Host(
        OperationService operations,
        Begin begin,
        Recovery recovery,
        Vms vms,
        AuditTrail audit,
        JournalState journal,
        Path hostUpdates,
        int places) {
    /** Finishes what was left. */
    interface Recovery {
        void run() throws OperationException;
    }

    /** How the journal is. */
    interface JournalState {
        /** A sentence if entries wait for its disk. */
        Optional<String> trouble();

        /** A number that changes when another process writes to it; any number if it cannot be told. */
        long foreignVersion();
    }
}
