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
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The interpreter on nine bare-metal kernels (sources beside this folder): one call runs a kernel some 200 million
 * instructions long and counts instructions and the thread's CPU time, of which {@link KernelBench} makes a rate.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 7, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow"
        })
public class KernelBenchmark {
    private static final long RAM = 0x80000000L;
    private static final long RAM_BYTES = 4 << 20;

    /** A kernel: repetitions for some 200 million instructions, and what it returns then, as on the host. */
    public enum Kernel {
        SIEVE(300, 6542),
        CRC(1400, 2163914660L),
        SORT(200, 2086996647154671942L),
        MATRIX(100, 76627200L),
        COPY(60000, 7469186111179101360L),
        VM(6000, -527465908678360739L),
        LIST(10000, 110413692928L),
        FP(30000, 4634860089890094834L),
        FIB(1500, 10147500);

        private final long repetitions;
        private final long result;

        Kernel(long repetitions, long result) {
            this.repetitions = repetitions;
            this.result = result;
        }
    }

    /** What one iteration has counted. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Counts {
        public long instructions;
        public long cpuNanos;
    }

    @Param
    public Kernel kernel;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private Arena arena;
    private GuestMemory memory;
    private RiscvHart hart;
    private byte[] image;

    /** Makes a hart with a little memory, and lets HotSpot see every instruction once. */
    @Setup(Level.Trial)
    public void make() throws IOException {
        Rehearsal.run(2000);
        String name = "/kernels/" + kernel.name().toLowerCase(java.util.Locale.ROOT) + ".bin";
        try (InputStream in = KernelBenchmark.class.getResourceAsStream(name)) {
            image = in.readAllBytes();
        }
        arena = Arena.ofShared();
        MemorySegment segment = arena.allocate(RAM_BYTES, 4096);
        memory = new GuestMemory();
        memory.addRam(RAM, new RamBlock("ram", segment.address(), RAM_BYTES, -1, false, false, "bench"));
        hart = new RiscvHart(0, memory, new MachineLock(), System::nanoTime, new NoAlarm(), () -> {});
    }

    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    /** Runs the kernel once. */
    @Benchmark
    public long execute(Counts counts) {
        memory.write(RAM, image, 0, image.length);
        hart.reset(RAM);
        hart.setX(10, kernel.repetitions);
        long instructions = hart.instret();
        long cpu = threads.getCurrentThreadCpuTime();
        Vcpu.Exit exit;
        do {
            exit = hart.run(1_000_000);
        } while (exit != Vcpu.Exit.WAIT_FOR_INTERRUPT);
        counts.cpuNanos += threads.getCurrentThreadCpuTime() - cpu;
        counts.instructions += hart.instret() - instructions;
        if (hart.x(10) != kernel.result) {
            throw new IllegalStateException(kernel + " returned " + hart.x(10));
        }
        return hart.x(10);
    }

    private static final class NoAlarm implements Alarm {
        @Override
        public void set(long mtimeTicks) {}

        @Override
        public void cancel() {}
    }
}
