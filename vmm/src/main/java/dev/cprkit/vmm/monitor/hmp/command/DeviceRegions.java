package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which device of the tree answers at which addresses. The address space knows its ranges by names that are the devices'
 * types; of several devices of a type, the later ones on the bus are at the lower addresses, as QEMU lists them.
 */
final class DeviceRegions {
    private final QomTree tree;
    private final GuestInspection guest;

    DeviceRegions(QomTree tree, GuestInspection guest) {
        this.tree = tree;
        this.guest = guest;
    }

    /** Where a device's registers are. */
    Optional<GuestMemory.Range> of(QomNode device) {
        return Optional.ofNullable(all().get(device));
    }

    /** The path of the device that has a range. */
    Optional<String> owner(GuestMemory.Range range) {
        for (Map.Entry<QomNode, GuestMemory.Range> entry : all().entrySet()) {
            if (entry.getValue().equals(range)) {
                return tree.pathOf(entry.getKey());
            }
        }
        return Optional.empty();
    }

    private IdentityHashMap<QomNode, GuestMemory.Range> all() {
        List<GuestMemory.Range> ranges = new ArrayList<>(guest.memory().ranges());
        ranges.sort((a, b) -> Long.compareUnsigned(b.start(), a.start()));
        IdentityHashMap<QomNode, GuestMemory.Range> found = new IdentityHashMap<>();
        for (QomTree.Bus bus : tree.buses()) {
            for (QomTree.Slot slot : bus.slots()) {
                for (int i = 0; i < ranges.size(); i++) {
                    if (ranges.get(i) instanceof GuestMemory.Mmio mmio && belongs(mmio.name(), slot.device())) {
                        found.put(slot.device(), ranges.remove(i));
                        break;
                    }
                }
            }
        }
        return found;
    }

    private static boolean belongs(String range, QomNode device) {
        String type = device.type().name();
        return type.equals(range) || type.equals(range + "-mm");
    }
}
