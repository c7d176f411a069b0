package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.riscv.Disassembler;
import dev.cprkit.vmm.cpu.riscv.PageTableView;
import dev.cprkit.vmm.cpu.riscv.RegisterDump;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Looks into the {@code virt} board's guest; the hart stands still meanwhile. Main loop's thread, machine lock held. */
final class HartInspection implements GuestInspection {
    private static final int WORD = 8;

    private final Machine machine;
    private final VirtBoard board;
    /** Whether somebody is looking already; guarded by the machine lock. */
    private boolean still;

    HartInspection(Machine machine, VirtBoard board) {
        this.machine = machine;
        this.board = board;
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public <T> T standing(Supplier<T> action) {
        if (still) {
            return action.get();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        machine.runPaused(() -> {
            still = true;
            try {
                result.complete(action.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            } finally {
                still = false;
            }
        });
        return result.join();
    }

    @Override
    public List<String> registers(int cpu) {
        return standing(() -> RegisterDump.lines(board.hart()));
    }

    @Override
    public OptionalLong register(int cpu, String name) {
        return standing(() -> RegisterDump.named(board.hart(), name));
    }

    @Override
    public OptionalLong translate(int cpu, long virtual) {
        return standing(() -> new PageTableView(board.hart(), memory()).translate(virtual));
    }

    @Override
    public List<String> mappings(int cpu) {
        return standing(() -> {
            PageTableView tables = new PageTableView(board.hart(), memory());
            if (!tables.present()) {
                return List.of("No translation or protection");
            }
            List<String> lines = new ArrayList<>();
            lines.add("vaddr            paddr            size             attr");
            lines.add("---------------- ---------------- ---------------- -------");
            for (PageTableView.Mapping mapping : tables.mappings()) {
                lines.add(hex(mapping.virtual()) + " " + hex(mapping.physical()) + " " + hex(mapping.size()) + " "
                        + mapping.letters());
            }
            return lines;
        });
    }

    private static String hex(long value) {
        String digits = Long.toHexString(value);
        return "0".repeat(16 - digits.length()) + digits;
    }

    @Override
    public String instruction(int bits, int length, long address) {
        return Disassembler.text(bits, length, address);
    }

    @Override
    public List<String> decodedCode() {
        RiscvHart hart = board.hart();
        return standing(() -> {
            long bytes = (long) hart.decodedWords() * WORD;
            int blocks = hart.decodedBlocks();
            return List.of(
                    "Translation buffer state:",
                    "gen code size       " + bytes + "/" + (long) RiscvHart.decodedCapacity() * WORD,
                    "TB count            " + blocks,
                    "TB avg host size    " + (blocks == 0 ? 0 : bytes / blocks) + " bytes",
                    "",
                    "Statistics:",
                    "TB flush count      " + hart.decodedFlushes());
        });
    }

    @Override
    public GuestMemory memory() {
        return board.memory();
    }

    @Override
    public List<LoadedImage> images() {
        return board.images();
    }

    @Override
    public byte[] deviceTree() {
        return board.deviceTree();
    }
}
