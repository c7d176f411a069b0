package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.ram.RamPlan;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.Sections;
import java.util.ArrayList;
import java.util.List;

/**
 * What one machine's stream consists of: the same list on the side that writes it and on the side that reads it. Made
 * before the guest stops.
 *
 * @param machine whose it is
 * @param configuration the machine's name, capabilities and UUID
 * @param ram which blocks of RAM are named, and of which the pages are in it
 * @param sections the devices' sections, then the global state's
 * @param globalState what the machine was doing
 * @param options which parts the stream has
 */
record StreamContent(
        VirtualMachine machine,
        Configuration configuration,
        RamPlan ram,
        List<Section<?>> sections,
        GlobalState globalState,
        StreamOptions options) {

    /** Of a machine whose RAM stays where it is. */
    static StreamContent of(
            VirtualMachine machine, MigrationCapabilities capabilities, StreamOptions options, byte[] uuid) {
        return of(machine, capabilities, options, uuid, RamPlan.Pages.NONE);
    }

    static StreamContent of(
            VirtualMachine machine,
            MigrationCapabilities capabilities,
            StreamOptions options,
            byte[] uuid,
            RamPlan.Pages pages) {
        RamPlan ram = RamPlan.of(
                machine.ramBlocks(),
                machine::guestAddress,
                pages,
                capabilities.has(MigrationCapability.X_IGNORE_SHARED),
                capabilities.has(MigrationCapability.MAPPED_RAM));
        GlobalState globalState = new GlobalState();
        List<Section<?>> sections = new ArrayList<>(machine.sections());
        if (options.has(StreamOptions.Part.STORE_GLOBAL_STATE)) {
            sections.add(Section.of(GlobalState.STATE, globalState));
        }
        return new StreamContent(
                machine,
                Configuration.local(machine.machineType(), capabilities, uuid),
                ram,
                Sections.inOrder(sections),
                globalState,
                options);
    }

    /** The sections that are sent now. */
    List<Section<?>> sent() {
        List<Section<?>> sent = new ArrayList<>(sections.size());
        for (Section<?> section : sections) {
            if (needed(section)) {
                sent.add(section);
            }
        }
        return sent;
    }

    private static <T> boolean needed(Section<T> section) {
        return section.type().needed().test(section.owner());
    }
}
