package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.os.Mappings;
import dev.cprkit.vmm.qom.QomTree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How the guest's memory is laid out: info ramblock, mtree, roms (reference/qemu-cpr.md, section 8.4). */
public final class MemoryMapHmp {
    /** QEMU gives each block's offset this alignment: 64 pages. */
    private static final long OFFSET_ALIGNMENT = 64 * 4096L;

    private final VirtualMachine machine;
    private final GuestInspection guest;
    private final DeviceRegions regions;

    private MemoryMapHmp(VirtualMachine machine, GuestInspection guest, QomTree tree) {
        this.regions = new DeviceRegions(tree, guest);
        this.machine = machine;
        this.guest = guest;
    }

    /** Adds the commands. */
    public static void register(HmpRegistry registry, VirtualMachine machine, GuestInspection guest, QomTree tree) {
        MemoryMapHmp commands = new MemoryMapHmp(machine, guest, tree);
        registry.addInfo(
                HmpCommand.of("ramblock", "", "", "show the blocks of RAM and ROM", (out, a) -> commands.blocks(out)));
        registry.addInfo(HmpCommand.of("roms", "", "", "show what was loaded", (out, a) -> commands.roms(out)));
        registry.addInfo(HmpCommand.of(
                "mtree",
                "flatview:-f,dispatch_tree:-d,owner:-o,disabled:-D",
                "[-f][-d][-o][-D]",
                "show the address spaces (-f: as they are flattened; -d: with their sections; -o: with owners; "
                        + "-D: also what is disabled)",
                commands::tree));
    }

    private void blocks(HmpOutput out) {
        out.println("              Block Name    PSize              Offset               Used              Total  "
                + "              HVA  RO");
        record Row(RamBlock block, long offset) {}
        List<Row> rows = new ArrayList<>();
        long offset = 0;
        for (RamBlock block : machine.ramBlocks()) {
            rows.add(new Row(block, offset));
            offset += (block.size() + OFFSET_ALIGNMENT - 1) / OFFSET_ALIGNMENT * OFFSET_ALIGNMENT;
        }
        rows.sort(Comparator.comparingLong((Row row) -> row.block().size()).reversed());
        String page = Long.toString(Mappings.pageSize() >> 10) + " KiB";
        for (Row row : rows) {
            RamBlock block = row.block();
            String size = " 0x" + Hex.digits(block.size(), 16);
            out.println(Hex.right(block.idstr(), 24) + " " + Hex.right(page, 8) + "  0x"
                    + Hex.digits(row.offset(), 16) + size + size + " 0x" + Hex.digits(block.hostAddress(), 16) + " "
                    + Hex.right(isWritable(block) ? "rw" : "ro", 3));
        }
    }

    private boolean isWritable(RamBlock block) {
        for (GuestMemory.Range range : guest.memory().ranges()) {
            if (range instanceof GuestMemory.Ram ram && ram.block() == block) {
                return ram.writable();
            }
        }
        return true;
    }

    private void roms(HmpOutput out) {
        List<GuestInspection.LoadedImage> images = new ArrayList<>(guest.images());
        images.sort(Comparator.comparingLong(GuestInspection.LoadedImage::address));
        for (GuestInspection.LoadedImage image : images) {
            out.println("addr=" + Hex.digits(image.address(), 16) + " size=0x" + Hex.digits(image.size(), 6) + " mem="
                    + (image.rom() ? "rom" : "ram") + " name=\"" + image.name() + "\"");
        }
    }

    private void tree(HmpOutput out, HmpArguments arguments) {
        boolean owners = arguments.flag("owner");
        if (arguments.flag("flatview")) {
            flat(out, owners, arguments.flag("dispatch_tree"));
            return;
        }
        out.println("address-space: cpu-memory-0");
        out.println("address-space: memory");
        out.println("  0000000000000000-ffffffffffffffff (prio 0, container): system"
                + (owners ? " parent:{obj path=/machine/unattached}" : ""));
        for (GuestMemory.Range range : sorted()) {
            out.println("    " + region(range, owners));
        }
        out.println("");
    }

    private void flat(HmpOutput out, boolean owners, boolean sections) {
        out.println("FlatView #0");
        out.println(" AS \"memory\", root: system");
        out.println(" AS \"cpu-memory-0\", root: system");
        out.println(" Root memory region: system");
        List<GuestMemory.Range> ranges = sorted();
        for (GuestMemory.Range range : ranges) {
            out.println("  " + region(range, owners));
        }
        if (sections) {
            out.println("  Dispatch");
            out.println("    Physical sections");
            out.println("      #0 @0000000000000000..ffffffffffffffff (noname) [unassigned]");
            for (int i = 0; i < ranges.size(); i++) {
                GuestMemory.Range range = ranges.get(i);
                out.println("      #" + (i + 1) + " @" + Hex.digits(range.start(), 16) + ".."
                        + Hex.digits(range.start() + range.size() - 1, 16) + " " + name(range));
            }
        }
        out.println("");
    }

    private List<GuestMemory.Range> sorted() {
        List<GuestMemory.Range> ranges = new ArrayList<>(guest.memory().ranges());
        ranges.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
        return ranges;
    }

    private String region(GuestMemory.Range range, boolean owners) {
        String kind =
                switch (range) {
                    case GuestMemory.Ram ram -> ram.writable() ? "ram" : "rom";
                    case GuestMemory.Mmio device -> "i/o";
                };
        return Hex.digits(range.start(), 16) + "-" + Hex.digits(range.start() + range.size() - 1, 16) + " (prio 0, "
                + kind + "): " + name(range) + (owners ? owner(range) : "");
    }

    private static String name(GuestMemory.Range range) {
        return switch (range) {
            case GuestMemory.Ram ram -> ram.block().idstr();
            case GuestMemory.Mmio device -> device.name();
        };
    }

    /** A backend's memory belongs to its object, a device's registers to the device, what the board made to the board. */
    private String owner(GuestMemory.Range range) {
        return switch (range) {
            case GuestMemory.Ram ram ->
                ram.block().kind().equals("aux")
                        ? " parent:{obj path=/machine/unattached}"
                        : " owner:{obj path=/objects/" + ram.block().idstr() + "}";
            case GuestMemory.Mmio device ->
                regions.owner(device)
                        .map(path -> " owner:{dev path=" + path + "}")
                        .orElse("");
        };
    }
}
