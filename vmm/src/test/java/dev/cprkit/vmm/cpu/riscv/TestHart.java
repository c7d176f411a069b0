package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.MachineLock;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A hart with 1 MiB of RAM, a register of a device, a clock that the test sets, and an alarm that it can read. */
public final class TestHart implements AutoCloseable, Alarm {
    public static final long RAM = 0x80000000L;
    public static final long RAM_BYTES = 1 << 20;
    /** A device: reads 0x55, remembers writes. */
    public static final long DEVICE = 0x10000000L;

    /** Where test programs put the trap handlers. */
    static final long M_HANDLER = RAM + 0x8000;

    static final long S_HANDLER = RAM + 0x9000;

    public final GuestMemory memory = new GuestMemory();
    public final MachineLock lock = new MachineLock();
    public final RiscvHart hart;
    final List<Long> deviceWrites = new ArrayList<>();
    final AtomicInteger wakes = new AtomicInteger();
    private final Arena arena = Arena.ofShared();
    private volatile long time;
    volatile long alarm = -1;

    public TestHart() {
        long host = arena.allocate(RAM_BYTES, 4096).address();
        memory.addRam(RAM, new RamBlock("ram", host, RAM_BYTES, -1, false, false, "test"));
        memory.addMmio(DEVICE, 0x100, "test", new MmioRegion() {
            @Override
            public long read(long offset, int size) {
                return lock.isHeldByCurrentThread() ? 0x55 : -1;
            }

            @Override
            public void write(long offset, int size, long value) {
                deviceWrites.add(value);
            }
        });
        hart = new RiscvHart(0, memory, lock, () -> time, this, wakes::incrementAndGet);
        hart.reset(RAM);
        hart.setCsr(Csr.MTVEC, M_HANDLER);
        hart.setCsr(Csr.STVEC, S_HANDLER);
        // A trap ends the program.
        put(M_HANDLER, Asm.SPIN);
        put(S_HANDLER, Asm.SPIN);
        hart.setCsr(Csr.MSTATUS, 0x6000);
    }

    void time(long ticks) {
        time = ticks;
    }

    @Override
    public void set(long mtimeTicks) {
        alarm = mtimeTicks;
    }

    @Override
    public void cancel() {
        alarm = -1;
    }

    /** Puts instructions at an address, as a device would. */
    TestHart put(long address, int... words) {
        for (int i = 0; i < words.length; i++) {
            byte[] bytes = {
                (byte) words[i], (byte) (words[i] >> 8), (byte) (words[i] >> 16), (byte) (words[i] >> 24),
            };
            if (!memory.write(address + 4L * i, bytes, 0, 4)) {
                throw new IllegalArgumentException("no RAM at " + Long.toHexString(address));
            }
        }
        return this;
    }

    public long u64(long address) {
        return HostMemory.getLong(memory.hostAddress(address, 8));
    }

    public void u64(long address, long value) {
        HostMemory.putLong(memory.hostAddress(address, 8), value);
    }

    /** Executes one instruction, which must be followed by {@link Asm#SPIN}, or takes its trap. */
    void step(long address) {
        hart.setWaiting(false);
        hart.setPc(address);
        hart.run(1);
    }

    /** Runs this program until it waits for an interrupt or traps, at most 100,000 instructions. */
    void run(int... words) {
        put(RAM, words);
        go(RAM);
    }

    void go(long address) {
        hart.setPc(address);
        hart.setWaiting(false);
        for (int i = 0; i < 1000; i++) {
            boolean waits = hart.run(100) == RiscvHart.Exit.WAIT_FOR_INTERRUPT;
            if (waits || hart.pc() == M_HANDLER || hart.pc() == S_HANDLER) {
                return;
            }
        }
        throw new AssertionError("the program does not end; pc " + Long.toHexString(hart.pc()));
    }

    long cause() {
        return hart.csr(Csr.MCAUSE);
    }

    /** Opens all memory to S and U mode. */
    TestHart openPmp() {
        hart.setCsr(Csr.PMPADDR0, -1);
        hart.setCsr(Csr.PMPCFG0, 0x1f);
        return this;
    }

    @Override
    public void close() {
        arena.close();
    }
}
