package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A hart's page tables as a debugger looks at them: without permissions, and without setting accessed and dirty bits. For a
 * hart that stands still.
 */
public final class PageTableView {
    private static final int VALID = 1;
    private static final int LEAF = 2 | 4 | 8;
    private static final int ATTRIBUTES = 0xfe;
    private static final long PPN = (1L << 44) - 1;

    /**
     * A range of virtual addresses that lies in one piece.
     *
     * @param virtual where it begins, sign-extended
     * @param physical where that is in the physical address space
     * @param size in bytes
     * @param attributes the bits R, W, X, U, G, A, D of the entries, where they are in an entry
     */
    public record Mapping(long virtual, long physical, long size, int attributes) {
        /** The attributes as QEMU shows them: {@code rwxugad}, with a hyphen for what is not set. */
        public String letters() {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 7; i++) {
                text.append((attributes >> i + 1 & 1) != 0 ? "rwxugad".charAt(i) : '-');
            }
            return text.toString();
        }
    }

    private final GuestMemory memory;
    private final long root;
    private final int levels;
    private final boolean translates;

    /** The tables that satp points at now; they are used unless the hart is in M mode. */
    public PageTableView(RiscvHart hart, GuestMemory memory) {
        long satp = hart.csr(Csr.SATP);
        this.memory = memory;
        this.root = (satp & PPN) << 12;
        this.levels = satp >>> 60 == 0 ? 0 : satp >>> 60 == 8 ? 3 : 4;
        this.translates = levels > 0 && hart.mode() != RiscvHart.MACHINE;
    }

    /** The physical address behind a virtual one, or empty if it is not mapped. */
    public OptionalLong translate(long virtual) {
        if (!translates) {
            return OptionalLong.of(virtual);
        }
        int unused = 64 - 12 - 9 * levels;
        if (virtual << unused >> unused != virtual) {
            return OptionalLong.empty();
        }
        long table = root;
        for (int level = levels - 1; level >= 0; level--) {
            long entry = entry(table, (int) (virtual >>> 12 + 9 * level & 511));
            if ((entry & VALID) == 0) {
                return OptionalLong.empty();
            }
            table = (entry >>> 10 & PPN) << 12;
            if ((entry & LEAF) != 0) {
                long within = (1L << 12 + 9 * level) - 1;
                return OptionalLong.of(table & ~within | virtual & within);
            }
        }
        return OptionalLong.empty();
    }

    /** Whether satp points at tables at all. */
    public boolean present() {
        return levels > 0;
    }

    /** Everything that is mapped, by address, neighbours with the same attributes joined. */
    public List<Mapping> mappings() {
        List<Mapping> list = new ArrayList<>();
        if (present()) {
            collect(root, levels - 1, 0, list);
        }
        return list;
    }

    private void collect(long table, int level, long base, List<Mapping> list) {
        for (int i = 0; i < 512; i++) {
            long entry = entry(table, i);
            if ((entry & VALID) == 0) {
                continue;
            }
            long virtual = base + ((long) i << 12 + 9 * level);
            long physical = (entry >>> 10 & PPN) << 12;
            if ((entry & LEAF) != 0) {
                join(list, signed(virtual), physical, 1L << 12 + 9 * level, (int) entry & ATTRIBUTES);
            } else if (level > 0) {
                collect(physical, level - 1, virtual, list);
            }
        }
    }

    private static void join(List<Mapping> list, long virtual, long physical, long size, int attributes) {
        if (!list.isEmpty()) {
            Mapping last = list.getLast();
            if (last.attributes() == attributes
                    && last.virtual() + last.size() == virtual
                    && last.physical() + last.size() == physical) {
                list.set(list.size() - 1, new Mapping(last.virtual(), last.physical(), last.size() + size, attributes));
                return;
            }
        }
        list.add(new Mapping(virtual, physical, size, attributes));
    }

    private long signed(long virtual) {
        int unused = 64 - 12 - 9 * levels;
        return virtual << unused >> unused;
    }

    /** An entry, or 0, which is not valid, if the table is not in RAM. */
    private long entry(long table, int index) {
        long host = memory.hostAddress(table + index * 8L, 8);
        return host == 0 ? 0 : HostMemory.getLongVolatile(host);
    }
}
