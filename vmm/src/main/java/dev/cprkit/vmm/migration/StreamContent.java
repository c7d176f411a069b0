package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.Sections;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one machine's stream consists of: the same list on the side that writes it and on the side that reads it. Made
 * before the guest stops.
 *
 * @param machine whose it is
 * @param configuration the machine's name, capabilities and UUID
 * @param blocks RAM, largest first
 * @param sections the devices' sections, then the global state's
 * @param globalState what the machine was doing
 * @param options which parts the stream has
 * @param withAddresses capability x-ignore-shared: each block's guest address is sent too
 */
record StreamContent(
        VirtualMachine machine,
        Configuration configuration,
        List<RamBlock> blocks,
        List<Section<?>> sections,
        GlobalState globalState,
        StreamOptions options,
        boolean withAddresses) {

    static StreamContent of(
            VirtualMachine machine, MigrationCapabilities capabilities, StreamOptions options, byte[] uuid) {
        List<RamBlock> blocks = new ArrayList<>(machine.ramBlocks());
        blocks.sort(Comparator.comparingLong(RamBlock::size).reversed());
        GlobalState globalState = new GlobalState();
        List<Section<?>> sections = new ArrayList<>(machine.sections());
        if (options.has(StreamOptions.Part.STORE_GLOBAL_STATE)) {
            sections.add(Section.of(GlobalState.STATE, globalState));
        }
        return new StreamContent(
                machine,
                Configuration.local(machine.machineType(), capabilities, uuid),
                blocks,
                Sections.inOrder(sections),
                globalState,
                options,
                capabilities.has(MigrationCapability.X_IGNORE_SHARED));
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
