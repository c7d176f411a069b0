package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.channel.ChannelHost;
import dev.cprkit.vmm.migration.ram.RamPlan;

/**
 * What both sides of migration work with.
 *
 * @param machine the machine that moves
 * @param parameters of this process
 * @param capabilities of this process
 * @param stream what a stream consists of
 * @param limits of every wait
 * @param process what of the process migration has to do with
 * @param uuid the machine's, 16 bytes, or none
 * @param notifiers who is told when the guest is about to leave, and how that ended
 */
record MigrationSetup(
        VirtualMachine machine,
        MigrationParameters parameters,
        MigrationCapabilities capabilities,
        StreamOptions stream,
        MigrationLimits limits,
        HostingProcess process,
        byte[] uuid,
        MigrationNotifiers notifiers) {
    /** What channels take from the process. */
    ChannelHost host() {
        return new ChannelHost(machine.loop(), process::takeDescriptor, process::openFile);
    }

    /** What a stream of this machine consists of; {@code copied} if guest RAM does not stay where it is. */
    StreamContent content(boolean copied) {
        RamPlan.Pages pages = RamPlan.Pages.NONE;
        if (copied) {
            pages = capabilities.has(MigrationCapability.X_IGNORE_SHARED) ? RamPlan.Pages.UNSHARED : RamPlan.Pages.ALL;
        }
        return StreamContent.of(machine, capabilities, stream, uuid, pages);
    }
}
