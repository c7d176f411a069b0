package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.MachineLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Runs a hart of its own, over a few pages of its own, through every instruction, before a guest runs.
 *
 * <p>Why: HotSpot compiles the interpreter for what it has seen. An operation that it has not seen becomes a trap into
 * slow code and a new compilation, of seconds; a booting kernel shows a new one again and again (measured: eight
 * compilations, three times the CPU time for the first 200 million instructions). After a rehearsal the first
 * compilation is the last. Nothing is shared with any other hart. Any thread; takes some tens of milliseconds.
 */
public final class Rehearsal {
    private static final long BASE = 0x80000000L;
    private static final int PAGES = 4;
    /** The program begins so that its loop goes over the end of a page. */
    private static final int START = 0xe00;

    private static final int DATA = 0x3000;
    private static final long DEVICE = 0x10000000L;

    private Rehearsal() {}

    /** Executes the program that many times; some thousand rounds make HotSpot compile. */
    public static void run(int rounds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(PAGES * 4096L, 4096);
            GuestMemory memory = new GuestMemory();
            memory.addRam(
                    BASE, new RamBlock("rehearsal", pages.address(), PAGES * 4096L, -1, false, false, "rehearsal"));
            Bell bell = new Bell();
            memory.addMmio(DEVICE, 0x1000, "rehearsal", bell);
            byte[] program = RehearsalProgram.bytes();
            memory.write(BASE + START, program, 0, program.length);
            RiscvHart hart = new RiscvHart(0, memory, new MachineLock(), System::nanoTime, new NoAlarm(), () -> {});
            bell.rung = hart::requestExit;
            hart.reset(BASE + START);
            hart.setX(RehearsalProgram.ROUNDS, rounds);
            hart.setX(RehearsalProgram.DATA, BASE + DATA);
            hart.setX(RehearsalProgram.DEVICE, DEVICE);
            int round = 0;
            // A small budget ends at the first branch; with a large one the device gets to ring.
            while (hart.run(round % 2 == 0 ? 200 : 100_000) != RiscvHart.Exit.WAIT_FOR_INTERRUPT) {
                if (++round % 16 == 0) {
                    hart.code.written(BASE, PAGES * 4096L);
                }
            }
        }
    }

    /** A device that makes a hart leave its loop whenever it is written to. */
    private static final class Bell implements MmioRegion {
        private Runnable rung = () -> {};

        @Override
        public long read(long offset, int size) {
            return 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            rung.run();
        }
    }

    private static final class NoAlarm implements Alarm {
        @Override
        public void set(long mtimeTicks) {}

        @Override
        public void cancel() {}
    }
}
