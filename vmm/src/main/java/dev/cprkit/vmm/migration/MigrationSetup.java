package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.machine.VirtualMachine;

/**
 * What both sides of migration work with.
 *
 * @param machine the machine that moves
 * @param parameters of this process
 * @param capabilities of this process
 * @param stream what a stream consists of
 * @param limits of every wait
 * @param uuid the machine's, 16 bytes, or none
 * @param notifiers who is told when the guest is about to leave, and how that ended
 */
record MigrationSetup(
        VirtualMachine machine,
        MigrationParameters parameters,
        MigrationCapabilities capabilities,
        StreamOptions stream,
        MigrationLimits limits,
        byte[] uuid,
        MigrationNotifiers notifiers) {
    StreamContent content() {
        return StreamContent.of(machine, capabilities, stream, uuid);
    }
}
