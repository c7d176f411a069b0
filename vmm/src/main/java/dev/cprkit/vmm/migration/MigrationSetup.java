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
 */
record MigrationSetup(
        VirtualMachine machine,
        MigrationParameters parameters,
        MigrationCapabilities capabilities,
        StreamOptions stream,
        MigrationLimits limits,
        byte[] uuid) {
    StreamContent content() {
        return StreamContent.of(machine, capabilities, stream, uuid);
    }
}
