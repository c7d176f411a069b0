package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.cpu.riscv.fpu.FpStatus;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.state.Section;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * One RV64GC hart with Zba, Zbb, Zbs, Sstc and Svadu, in M, S and U mode.
 *
 * <p>How it works: guest code is decoded once, block by block, into words ({@link BlockBuilder}, {@link CodeCache}) that a
 * loop executes ({@link Interpreter}). Loads and stores find host memory through TLBs ({@link TlbSet}); what they do not
 * know is for {@link Mmu}. The loop returns here for everything rare: traps, privileged instructions, interrupts, the end
 * of the budget. Other threads reach the hart only through {@link #requestExit}, {@link #setInterrupt},
 * {@link #timerExpired}, {@link #hasPendingWakeup} and writes to guest memory; all of them leave a bit in
 * {@code attention}, which the loop looks at on every taken branch.
 *
 * <p>All other methods are for the vCPU's thread, or for one that has stopped it. A hart shares nothing with other harts
 * but what it was constructed with.
 */
public final class RiscvHart implements Vcpu {
    /** Modes, as in mstatus.MPP. */
    public static final int USER = 0;

    public static final int SUPERVISOR = 1;
    public static final int MACHINE = 3;

    static final VarHandle ATTENTION;

    static {
        try {
            ATTENTION = MethodHandles.lookup().findVarHandle(RiscvHart.class, "attention", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int EXIT = 1;
    private static final int INTERRUPT = 2;
    private static final int CODE_WRITTEN = 4;
    private static final int TIMER = 8;

    /** The loop is entered anew after so many instructions, so that HotSpot soon replaces its first, slow version. */
    private static final int SLICE = 50_000;

    /** More writes by devices than this, not yet looked at, drop all decoded code. */
    private static final int MOST_WRITES = 64;

    // Why the interpreter stopped: nothing special; a trap inside a block; a trap at pc, before its instruction.
    static final int BRANCH = 0;
    static final int TRAP = 1;
    static final int FETCH_TRAP = 2;

    final int id;
    final LongSupplier mtime;
    final Alarm alarm;
    private final Runnable onWake;

    /** The registers; x0 is never written, {@link Op#SINK} takes what is written to it. */
    long[] x = new long[64];

    /** x0 to x31 as they travel. */
    final long[] travellingX = new long[32];

    long[] f = new long[32];
    final FpStatus status = new FpStatus();
    final Csrs csrs;
    final Interrupts interrupts;
    final Pmp pmp = new Pmp();
    final CodeCache code;
    final Mmu mmu;
    final AtomicOps atomics;
    private final SystemOps system;
    private final BlockBuilder builder;
    private final Section<RiscvHart> section;

    Optional<SupervisorCalls> supervisorCalls = Optional.empty();

    @SuppressWarnings("unused") // through ATTENTION
    private volatile int attention;

    private final ConcurrentLinkedQueue<long[]> writes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writeCount = new AtomicInteger();

    // What the interpreter takes and leaves: the block's first instruction, the next word, the budget.
    long pc;
    int ip;
    int left;
    int stop;
    private int slice;
    private long retired;

    int mode;
    /** Whether floating-point instructions may execute and nothing has to be marked dirty. */
    boolean floatsReady;

    private long trapCause;
    private long trapValue;
    private volatile boolean waiting;
    private volatile boolean stopped;

    /**
     * A hart, reset to M mode at address 0.
     *
     * @param id mhartid
     * @param memory what it is connected to; the hart listens for writes by devices
     * @param lock held around each access to a device
     * @param mtime the machine's time counter, in ticks; called on any thread
     * @param alarm who is asked to call {@link #timerExpired}
     * @param onWake called, on any thread, when {@link #hasPendingWakeup} may have become true
     */
    public RiscvHart(int id, GuestMemory memory, MachineLock lock, LongSupplier mtime, Alarm alarm, Runnable onWake) {
        this.id = id;
        this.mtime = mtime;
        this.alarm = alarm;
        this.onWake = onWake;
        this.csrs = new Csrs(this);
        this.interrupts = new Interrupts(this);
        this.code = new CodeCache(this);
        this.mmu = new Mmu(this, memory, lock);
        this.atomics = new AtomicOps(this);
        this.system = new SystemOps(this);
        this.builder = new BlockBuilder(this);
        this.section = HartVmState.section(this);
        memory.onWrite(this::written);
        memory.dirtyLog().onTake(mmu::forgetStores);
        reset(0);
    }

    /** Firmware in the emulator that answers {@code ecall} from S mode; see {@link #resetToSupervisor}. */
    public void setSupervisorCalls(SupervisorCalls calls) {
        supervisorCalls = Optional.of(calls);
    }

    /** Power-on: M mode at an address, registers 0, a0 the hart's number, wires as they are. */
    public void reset(long address) {
        Arrays.fill(x, 0);
        Arrays.fill(f, 0);
        status.rm = 0;
        status.flags = 0;
        csrs.reset();
        pmp.reset();
        mmu.flush();
        code.clear();
        atomics.dropReservation();
        waiting = false;
        stopped = false;
        mode = MACHINE;
        pc = address;
        x[10] = id;
        interrupts.rearmTimer();
        selectContext();
    }

    /** Power-on with firmware in the emulator: as it hands over to a kernel, in S mode, every trap delegated. */
    public void resetToSupervisor(long address) {
        reset(address);
        csrs.openForSupervisor();
        pmp.setAddress(0, -1);
        pmp.setConfiguration(0, 0x1f);
        mode = SUPERVISOR;
        interrupts.rearmTimer();
        selectContext();
    }

    @Override
    public Exit run(long budget) {
        long remaining = budget;
        boolean fresh = true;
        while (true) {
            if ((int) ATTENTION.getOpaque(this) != 0 && attend()) {
                return Exit.YIELD;
            }
            if (waiting) {
                if (!hasPendingWakeup()) {
                    return Exit.WAIT_FOR_INTERRUPT;
                }
                waiting = false;
                interrupts.evaluateTimer();
            }
            if (remaining <= 0 && !fresh) {
                return Exit.YIELD;
            }
            fresh = false;
            int interrupt = interrupts.next();
            if (interrupt >= 0) {
                system.interrupt(interrupt);
            }
            slice = (int) Math.max(1, Math.min(remaining, SLICE));
            left = slice - 1;
            ip = lookup(pc);
            if (ip > 0) {
                Interpreter.execute(this);
            }
            boolean trapped = stop != BRANCH;
            if (trapped) {
                takeTrap();
            }
            int executed = slice - 1 - left;
            slice = 0;
            left = -1;
            retired += executed;
            // A trap counts as progress, or a handler that traps would spin here for ever.
            remaining -= trapped ? executed + 1 : executed;
        }
    }

    private boolean attend() {
        int bits = (int) ATTENTION.getAndSet(this, 0);
        if ((bits & CODE_WRITTEN) != 0) {
            drainWrites();
        }
        if ((bits & TIMER) != 0) {
            interrupts.rearmTimer();
        }
        return (bits & EXIT) != 0;
    }

    private void takeTrap() {
        if (stop == TRAP) {
            int at = code.where[ip - 1];
            pc += at >> 16;
            left -= at & 0xff;
        }
        stop = BRANCH;
        system.enter(trapCause, trapValue, pc);
    }

    @Override
    public void requestExit() {
        attract(EXIT);
    }

    private void attract(int bit) {
        ATTENTION.getAndBitwiseOr(this, bit);
    }

    /**
     * Drives an interrupt wire: 1 SSIP, 3 MSIP, 5 STIP, 7 MTIP, 9 SEIP, 11 MEIP. Any thread. The hart takes the interrupt
     * within a block of straight-line code, and a waiting one is woken.
     */
    public void setInterrupt(int number, boolean level) {
        if (interrupts.line(number, level) && level) {
            attract(INTERRUPT);
            onWake.run();
        }
    }

    /** The time that was asked for from the {@link Alarm} has come. Any thread. */
    public void timerExpired() {
        attract(TIMER);
        onWake.run();
    }

    @Override
    public boolean hasPendingWakeup() {
        return !waiting
                || ((int) ATTENTION.getOpaque(this) & EXIT) != 0
                || !stopped && (interrupts.pendingNow() & csrs.mie) != 0;
    }

    private void written(long address, long length) {
        if (writeCount.incrementAndGet() <= MOST_WRITES) {
            writes.add(new long[] {address, length});
        }
        attract(CODE_WRITTEN);
    }

    private void drainWrites() {
        if (writeCount.getAndSet(0) > MOST_WRITES) {
            writes.clear();
            code.clear();
            return;
        }
        for (long[] range = writes.poll(); range != null; range = writes.poll()) {
            code.written(range[0], range[1]);
        }
    }

    // For the interpreter and what it calls.

    /** Moves the registers into arrays whose length the compiler knows, so that it checks no index. */
    void lend(long[] integers, long[] floats) {
        System.arraycopy(x, 0, integers, 0, 64);
        System.arraycopy(f, 0, floats, 0, 32);
        x = integers;
        f = floats;
    }

    /** The block at a virtual address, or -1 after recording the trap. Fills the jump cache. */
    int lookup(long va) {
        long pa = mmu.fetchAddress(va);
        int block = pa == Mmu.FAULT ? -1 : block(pa, va);
        if (block < 0) {
            stop = FETCH_TRAP;
            return -1;
        }
        mmu.code.fillJump(va, block);
        return block;
    }

    private int block(long key, long va) {
        int known = code.find(key);
        return known != 0 ? known : builder.build(key, va);
    }

    /**
     * Where the loop goes on: executes the words that are about finding code, or looks {@code va} up after a jump.
     * Returns the index of the next word, or a number below 1 if the loop has to be left. It is one method because it
     * should be too large for HotSpot to inline into the loop (see {@link Interpreter}).
     */
    int find(long word, long va, int next) {
        long[] words = code.words;
        switch (Op.op(word)) {
            case Op.LINK -> {
                // Finds the target of a link by its key, and patches the link.
                int index = Op.immediate(word);
                long key = code.words[next];
                int generation = code.generation;
                int block = block(key, va);
                if (block < 0) {
                    stop = FETCH_TRAP;
                } else if (generation == code.generation) {
                    code.words[index] = code.words[index] & ~0xffffffffL | block;
                }
                return settled(words, block);
            }
            case Op.FLOAT_ENTER -> {
                // Enables floating point for the block, or finds the variant of it that checks each instruction.
                if ((csrs.mstatus & Status.FS) != 0 && csrs.frm <= FpStatus.RMM) {
                    if (Op.rd(word) != 0) {
                        csrs.mstatus |= Status.FS_DIRTY;
                        floatsChanged();
                    }
                    return next;
                }
                long pa = mmu.fetchAddress(va);
                int block = pa == Mmu.FAULT ? -1 : block(pa | BlockBuilder.CHECKED, va);
                if (block < 0) {
                    stop = FETCH_TRAP;
                }
                return settled(words, block);
            }
            case Op.STRADDLE -> {
                // Whether the second half of an instruction in two pages is still the decoded one; else the block goes.
                long second = mmu.fetchAddress(va + 2);
                if (second == Mmu.FAULT) {
                    stop = FETCH_TRAP;
                    return -1;
                }
                short half = HostMemory.getShort(mmu.readableHost(second, 2));
                if (half == (short) (Op.immediate(word) >>> 16)) {
                    return next;
                }
                long first = mmu.fetchAddress(va);
                if (first != Mmu.FAULT) {
                    code.written(first, 2);
                }
                return -1;
            }
            default -> {
                return settled(words, lookup(va));
            }
        }
    }

    /** The block, unless the words have moved to another array meanwhile: then the loop has to fetch that. */
    private int settled(long[] words, int block) {
        return words == code.words ? block : 0;
    }

    /** Executes a word that the loop leaves to the hart; false if the loop has to be left. */
    boolean execute(long word) {
        switch (Op.op(word)) {
            case Op.ATOMIC -> {
                return atomics.execute(word);
            }
            case Op.CSR -> {
                return csrs.execute(word);
            }
            case Op.FLOAT_CHECKED -> {
                boolean dynamic = Op.rs1(word) != 0;
                if ((csrs.mstatus & Status.FS) == 0 || dynamic && csrs.frm > FpStatus.RMM) {
                    return trap(Cause.ILLEGAL_INSTRUCTION, instruction());
                }
                if (Op.rd(word) != 0) {
                    csrs.mstatus |= Status.FS_DIRTY;
                    floatsChanged();
                }
                return true;
            }
            case Op.SYSTEM -> {
                system.execute(word);
                return false;
            }
            default -> {
                return trap(Cause.ILLEGAL_INSTRUCTION, Op.immediate(word) & 0xffffffffL);
            }
        }
    }

    /** Records a trap of the instruction at hand; always false. */
    boolean trap(int cause, long value) {
        stop = TRAP;
        trapCause = cause;
        trapValue = value;
        return false;
    }

    boolean trapped() {
        return stop != BRANCH;
    }

    /** The address of the instruction whose word was just fetched. */
    long address() {
        return pc + (code.where[ip - 1] >> 16);
    }

    /** The bits of that instruction. */
    private long instruction() {
        int length = code.where[ip - 1] >>> 8 & 0xff;
        long va = address();
        long bits = 0;
        for (int i = 0; i < length; i += 2) {
            long pa = mmu.fetchAddress(va + i);
            long half = pa == Mmu.FAULT ? 0 : HostMemory.getShort(mmu.readableHost(pa, 2));
            bits |= (half & 0xffff) << 8 * i;
        }
        return bits;
    }

    /** Moves pc behind the instruction whose word was just fetched, and counts it. */
    void advance() {
        int at = code.where[ip - 1];
        pc += (at >> 16) + (at >>> 8 & 0xff);
        left -= (at & 0xff) + 1;
    }

    /** Instructions retired before the one at hand. */
    long retiredBefore() {
        return slice == 0 ? retired : retired + (slice - 1 - left) + (code.where[ip - 1] & 0xff);
    }

    /** Selects the TLBs after mode, mstatus or satp changed. */
    void selectContext() {
        long mstatus = csrs.mstatus;
        boolean borrowed = mode == MACHINE && (mstatus & Status.MPRV) != 0;
        int modeOfData = borrowed ? (int) (mstatus >>> Status.MPP_SHIFT) & 3 : mode;
        mmu.select(mode, modeOfData, (mstatus & Status.SUM) != 0);
        floatsChanged();
    }

    /** Follows a change of FS or frm. */
    void floatsChanged() {
        floatsReady = (csrs.mstatus & Status.FS) == Status.FS_DIRTY && csrs.frm <= FpStatus.RMM;
        if (csrs.frm <= FpStatus.RMM) {
            status.rm = csrs.frm;
        }
    }

    // For firmware in the emulator.

    /** As the {@code wfi} instruction: {@link #run} returns until an enabled interrupt is pending. */
    public void waitForInterrupt() {
        waiting = true;
    }

    /** Stops the hart for good; only a reset or {@link #start} lets it go on. */
    public void stopForever() {
        waiting = true;
        stopped = true;
    }

    /** Lets a hart that stopped for a suspended machine go on; with the vCPU stopped. */
    public void start() {
        waiting = false;
        stopped = false;
    }

    /** Whether {@link #stopForever} was called. */
    public boolean stopped() {
        return stopped;
    }

    /** Sets or clears a pending bit as software does: 1 SSIP. */
    public void setSoftwareInterrupt(boolean level) {
        csrs.softwarePending = level ? csrs.softwarePending | Interrupts.SSI : csrs.softwarePending & ~Interrupts.SSI;
    }

    /** Forgets all translations, as SFENCE.VMA without operands does. */
    public void flushTlb() {
        mmu.flush();
    }

    // For monitors and tests.

    /** mhartid. */
    public int id() {
        return id;
    }

    /** Register x0 to x31. */
    public long x(int number) {
        return x[number];
    }

    public void setX(int number, long value) {
        if (number != 0) {
            x[number] = value;
        }
    }

    /** Register f0 to f31, raw. */
    public long f(int number) {
        return f[number];
    }

    public void setF(int number, long value) {
        f[number] = value;
    }

    public long pc() {
        return pc;
    }

    public void setPc(long address) {
        pc = address & ~1L;
    }

    /** {@link #USER}, {@link #SUPERVISOR} or {@link #MACHINE}. */
    public int mode() {
        return mode;
    }

    public void setMode(int next) {
        mode = next;
        selectContext();
    }

    /** A control and status register, as M mode reads it; 0 if there is none of that number. */
    public long csr(int number) {
        return csrs.read(number);
    }

    /** Writes a control and status register as M mode does. */
    public void setCsr(int number, long value) {
        csrs.write(number, value);
        csrs.contextChanged = false;
        selectContext();
    }

    /** How many words of 8 bytes the decoded code takes. */
    public int decodedWords() {
        return code.top;
    }

    /** The most words of decoded code. */
    public static int decodedCapacity() {
        return CodeCache.capacity();
    }

    /** How many blocks of decoded code there are. */
    public int decodedBlocks() {
        return code.blockCount();
    }

    /** How often all decoded code was dropped. */
    public int decodedFlushes() {
        return code.generation;
    }

    /** Instructions retired since the hart was made. */
    public long instret() {
        return retired;
    }

    /** Whether the hart waits for an interrupt. */
    public boolean waiting() {
        return waiting;
    }

    /** What of the hart travels. */
    public Section<RiscvHart> section() {
        return section;
    }

    void setWaiting(boolean value) {
        waiting = value;
    }

    void setStopped(boolean value) {
        stopped = value;
    }

    /** Brings everything that is derived in line after the state was loaded. */
    void loaded() {
        pmp.update();
        mmu.flush();
        code.clear();
        atomics.dropReservation();
        interrupts.rearmTimer();
        selectContext();
        attract(INTERRUPT);
    }
}
