package dev.cprkit.it.cpu;

import dev.cprkit.vmm.cpu.riscv.Alarm;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.MachineLock;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One hart of ours with RAM and the finisher, in this process. */
final class HartMachine implements MmioRegion {
    private boolean finished;

    /** Runs the program in RAM (a direct buffer on a page boundary) until it powers off; false if it did not in time. */
    boolean run(ByteBuffer ram, Duration limit) {
        GuestMemory memory = new GuestMemory();
        long host = MemorySegment.ofBuffer(ram).address();
        memory.addRam(Harness.RAM, new RamBlock("ram", host, ram.capacity(), -1, false, false, "memory-backend-ram"));
        memory.addMmio(Harness.FINISHER, 0x1000, "finisher", this);
        Alarm never = new Alarm() {
            @Override
            public void set(long mtimeTicks) {}

            @Override
            public void cancel() {}
        };
        RiscvHart hart = new RiscvHart(0, memory, new MachineLock(), () -> 0, never, () -> {});
        hart.reset(Harness.RAM);
        // The timer of QEMU's board has expired from the start.
        hart.setInterrupt(7, true);
        long end = System.nanoTime() + limit.toNanos();
        while (!finished && System.nanoTime() - end < 0) {
            hart.run(10_000);
        }
        return finished;
    }

    @Override
    public long read(long offset, int size) {
        return 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        finished |= offset == 0 && value == 0x5555;
    }
}
