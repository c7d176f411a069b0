package dev.cprkit.it.bench;

import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.cpu.riscv.Alarm;
import dev.cprkit.vmm.cpu.riscv.Rehearsal;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.MachineLock;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Guest instructions per second of CPU time of the interpreter, on nine bare-metal kernels (sources beside this folder).
 * Prints millions per second for each and the geometric mean. Arguments: names of kernels, if not all.
 */
public final class KernelBench {
    private static final long RAM = 0x80000000L;
    private static final long RAM_BYTES = 4 << 20;

    /** A kernel: its name, repetitions for some 200 million instructions, and what it returns then (as on the host). */
    private record Kernel(String name, long repetitions, long result) {}

    private static final Kernel[] KERNELS = {
        new Kernel("sieve", 300, 6542),
        new Kernel("crc", 1400, 2163914660L),
        new Kernel("sort", 200, 2086996647154671942L),
        new Kernel("matrix", 100, 76627200L),
        new Kernel("copy", 60000, 7469186111179101360L),
        new Kernel("vm", 6000, -527465908678360739L),
        new Kernel("list", 10000, 110413692928L),
        new Kernel("fp", 30000, 4634860089890094834L),
        new Kernel("fib", 1500, 10147500),
    };

    /** The best of so many runs counts: the first ones still wait for HotSpot. */
    private static final int RUNS = Integer.getInteger("runs", 4);

    private KernelBench() {}

    public static void main(String[] arguments) throws IOException {
        Rehearsal.run(2000);
        double logarithms = 0;
        int count = 0;
        for (Kernel kernel : KERNELS) {
            if (arguments.length == 0 || java.util.Arrays.asList(arguments).contains(kernel.name())) {
                double mips = 0;
                for (int i = 0; i < RUNS; i++) {
                    mips = Math.max(mips, run(kernel));
                }
                System.out.printf("%-8s %7.1f million instructions per CPU second%n", kernel.name(), mips);
                logarithms += Math.log(mips);
                count++;
            }
        }
        System.out.printf("%-8s %7.1f%n", "geomean", Math.exp(logarithms / count));
    }

    private static double run(Kernel kernel) throws IOException {
        byte[] image;
        try (InputStream in = KernelBench.class.getResourceAsStream("/kernels/" + kernel.name() + ".bin")) {
            image = in.readAllBytes();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(RAM_BYTES, 4096);
            GuestMemory memory = new GuestMemory();
            memory.addRam(RAM, new RamBlock("ram", segment.address(), RAM_BYTES, -1, false, false, "bench"));
            RiscvHart hart = new RiscvHart(0, memory, new MachineLock(), System::nanoTime, new NoAlarm(), () -> {});
            memory.write(RAM, image, 0, image.length);
            hart.reset(RAM);
            hart.setX(10, kernel.repetitions());
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            Vcpu.Exit exit;
            do {
                exit = hart.run(1_000_000);
            } while (exit != Vcpu.Exit.WAIT_FOR_INTERRUPT);
            long nanoseconds = threads.getCurrentThreadCpuTime() - before;
            if (hart.x(10) != kernel.result()) {
                throw new IllegalStateException(kernel.name() + " returned " + hart.x(10));
            }
            if (Boolean.getBoolean("show")) {
                System.out.println(kernel.name() + " result " + hart.x(10) + " instructions " + hart.instret());
            }
            return hart.instret() * 1e3 / nanoseconds;
        }
    }

    private static final class NoAlarm implements Alarm {
        @Override
        public void set(long mtimeTicks) {}

        @Override
        public void cancel() {}
    }
}
