package dev.cprkit.it.cpu;

import dev.cprkit.vmm.cpu.riscv.Alarm;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;

/** One hart of ours with RAM and the finisher, in this process. */
final class HartMachine implements MmioRegion {
    private static final int TIMER = 7;
    /** A new hart decodes everything again, which takes time. */
    private static final int MOST_HANDOVERS = 500;

    private final ByteBuffer ram;
    private boolean finished;
    private int handovers;

    /** @param ram the program and its memory: a direct buffer on a page boundary, changed by the run */
    HartMachine(ByteBuffer ram) {
        this.ram = ram;
    }

    /** Runs the program until it powers off; false if it did not in time. */
    boolean run(Duration limit) {
        RiscvHart hart = powerOn();
        long end = System.nanoTime() + limit.toNanos();
        while (!finished && System.nanoTime() - end < 0) {
            hart.run(10_000);
        }
        return finished;
    }

    /**
     * As {@link #run}, but stopped after random numbers of instructions, and every third time gone on with by a new hart
     * that was given the old one's state, as in a live update.
     */
    boolean runWithHandovers(Duration limit, long seed) throws IOException, StateException {
        SplittableRandom random = new SplittableRandom(seed);
        RiscvHart hart = powerOn();
        long end = System.nanoTime() + limit.toNanos();
        while (!finished && System.nanoTime() - end < 0) {
            hart.run(1L << random.nextInt(16));
            if (random.nextInt(3) == 0 && handovers < MOST_HANDOVERS) {
                RiscvHart next = newHart();
                handOver(hart.section(), next.section());
                hart = next;
                handovers++;
            }
        }
        return finished;
    }

    int handovers() {
        return handovers;
    }

    private RiscvHart powerOn() {
        RiscvHart hart = newHart();
        hart.reset(Harness.RAM);
        // The timer of QEMU's board has expired from the start.
        hart.setInterrupt(TIMER, true);
        return hart;
    }

    private RiscvHart newHart() {
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
        return new RiscvHart(0, memory, new MachineLock(), () -> 0, never, () -> {});
    }

    private static void handOver(Section<RiscvHart> from, Section<RiscvHart> to) throws IOException, StateException {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(from.type(), from.owner(), out);
        StateDecoder.load(to.type(), to.owner(), from.type().version(), StateInput.of(out.toByteArray()));
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
