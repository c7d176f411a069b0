package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.run.MachineLock;

/**
 * From virtual addresses to guest memory: translation, protection, and the slow paths of loads and stores, which the
 * interpreter takes when its TLB does not answer. Owned by the hart's thread; takes the machine lock around each access
 * to a device.
 *
 * <p>Methods that can fault record the trap in the hart and say so by {@link #FAULT}, 0 or false.
 */
final class Mmu {
    static final int FETCH = 0;
    static final int LOAD = 1;
    static final int STORE = 2;

    /** In place of a physical address: the access trapped. */
    static final long FAULT = -1;

    private static final int PAGE = 4096;
    private static final long OFFSET = PAGE - 1;
    // Sets are indexed by mode; the free number between S and M is S with SUM.
    private static final int SUM_SET = 2;
    private static final int[] PMP_ACCESS = {Pmp.EXECUTE, Pmp.READ, Pmp.WRITE};
    private static final int[] ACCESS_FAULT = {Cause.INSTRUCTION_ACCESS, Cause.LOAD_ACCESS, Cause.STORE_ACCESS};
    private static final int[] PAGE_FAULT = {Cause.INSTRUCTION_PAGE, Cause.LOAD_PAGE, Cause.STORE_PAGE};

    private final RiscvHart hart;
    private final GuestMemory memory;
    private final MachineLock lock;
    private final DirtyLog dirtyLog;
    private final PageWalker walker;
    private final TlbSet[] sets = {new TlbSet(), new TlbSet(), new TlbSet(), new TlbSet()};
    private GuestMemory.Ram lastRam;
    private int dataMode = RiscvHart.MACHINE;

    /** The set that loads and stores go through now, and the one of fetches. */
    TlbSet data = sets[RiscvHart.MACHINE];

    TlbSet code = sets[RiscvHart.MACHINE];

    Mmu(RiscvHart hart, GuestMemory memory, MachineLock lock) {
        this.hart = hart;
        this.memory = memory;
        this.lock = lock;
        this.dirtyLog = memory.dirtyLog();
        this.walker = new PageWalker(hart, this);
    }

    /** Selects the sets for a mode of execution and the mode that loads and stores are made in (mstatus.MPRV). */
    void select(int mode, int modeOfData, boolean sum) {
        code = sets[mode];
        dataMode = modeOfData;
        data = sets[modeOfData == RiscvHart.SUPERVISOR && sum ? SUM_SET : modeOfData];
    }

    void flush() {
        for (TlbSet set : sets) {
            set.flush();
        }
        walker.flushed();
    }

    /** Forgets one virtual page, or everything if it may be part of a larger one. */
    void flush(long va) {
        if (walker.mayBeLarge(va)) {
            flush();
        } else {
            for (TlbSet set : sets) {
                set.flushPage(va & ~OFFSET);
            }
        }
    }

    void flushJumps() {
        for (TlbSet set : sets) {
            set.flushJumps();
        }
    }

    /** Sends stores to a physical page through the slow path, or lets them find the fast one again. */
    void evictStores(long physicalPage) {
        long hostPage = readableHost(physicalPage, 1);
        for (TlbSet set : sets) {
            set.evictStores(physicalPage, hostPage);
        }
    }

    /** Makes the next store to each page take the slow path, which marks it in the dirty log. */
    void forgetStores() {
        for (TlbSet set : sets) {
            set.flushStores();
        }
    }

    /** Notes a store that is about to be made, if anybody wants to know. */
    void aboutToStore(long pa, int size) {
        if (dirtyLog.isOn()) {
            GuestMemory.Ram ram = ram(pa, size);
            if (ram != null && ram.writable()) {
                dirtyLog.mark(ram.block(), pa - ram.start(), size);
            }
        }
    }

    /** The host address of bytes in RAM or ROM, or 0. */
    long readableHost(long pa, int size) {
        GuestMemory.Ram ram = ram(pa, size);
        return ram == null ? 0 : ram.host(pa);
    }

    /** The host address of bytes in RAM, or 0. */
    long writableHost(long pa, int size) {
        GuestMemory.Ram ram = ram(pa, size);
        return ram == null || !ram.writable() ? 0 : ram.host(pa);
    }

    private GuestMemory.Ram ram(long pa, int size) {
        GuestMemory.Ram ram = lastRam;
        if (ram == null || !ram.contains(pa)) {
            if (!(memory.find(pa) instanceof GuestMemory.Ram found)) {
                return null;
            }
            ram = found;
            lastRam = found;
        }
        return ram.contains(pa + size - 1) ? ram : null;
    }

    boolean fault(int kind, long va) {
        return hart.trap(ACCESS_FAULT[kind], va);
    }

    boolean pageFault(int kind, long va) {
        return hart.trap(PAGE_FAULT[kind], va);
    }

    /** The physical address of the instruction bytes at a virtual one, in RAM or ROM, or {@link #FAULT}. */
    long fetchAddress(long va) {
        long page = va & ~OFFSET;
        long known = code.find(FETCH, page);
        if (known != FAULT) {
            return known | va & OFFSET;
        }
        long pa = walker.walk(va, FETCH, hart.mode, false);
        if (pa == FAULT) {
            return FAULT;
        }
        if (readableHost(pa, 2) == 0 || !hart.pmp.allows(pa, 2, Pmp.EXECUTE, hart.mode)) {
            fault(FETCH, va);
            return FAULT;
        }
        if (hart.pmp.uniform(pa & ~OFFSET)) {
            code.fill(FETCH, page, pa & ~OFFSET);
        }
        return pa;
    }

    /** The physical address of data that does not cross a page, or {@link #FAULT}. */
    long dataAddress(long va, int size, int kind) {
        long page = va & ~OFFSET;
        long known = data.find(kind, page);
        if (known != FAULT) {
            return known | va & OFFSET;
        }
        long pa = walker.walk(va, kind, dataMode, data == sets[SUM_SET]);
        if (pa == FAULT) {
            return FAULT;
        }
        if (!hart.pmp.allows(pa, size, PMP_ACCESS[kind], dataMode)) {
            fault(kind, va);
            return FAULT;
        }
        if (kind == STORE) {
            aboutToStore(pa, size);
        }
        if (hart.pmp.uniform(pa & ~OFFSET)) {
            fill(page, pa & ~OFFSET, kind);
        }
        return pa;
    }

    private void fill(long virtualPage, long physicalPage, int kind) {
        data.fill(kind, virtualPage, physicalPage);
        if (kind == LOAD) {
            long host = readableHost(physicalPage, PAGE);
            if (host != 0) {
                data.fillRead(virtualPage, host);
            }
        } else if (!hart.code.holds(physicalPage)) {
            long host = writableHost(physicalPage, PAGE);
            if (host != 0) {
                data.fillWrite(virtualPage, host);
            }
        }
    }

    /**
     * The slow path of a load or store: executes the word, whose address is {@code va}; false if it trapped. It is one
     * method because it should be too large for HotSpot to inline into the interpreter's loop.
     */
    boolean access(long word, long va) {
        long[] x = hart.x;
        int rd = Op.rd(word);
        int rs2 = Op.rs2(word);
        int op = Fusion.first(Op.op(word));
        switch (op) {
            case Op.SB -> {
                return store(va, 1, x[rs2]);
            }
            case Op.SH -> {
                return store(va, 2, x[rs2]);
            }
            case Op.SW -> {
                return store(va, 4, x[rs2]);
            }
            case Op.SD -> {
                return store(va, 8, x[rs2]);
            }
            case Op.FSW -> {
                return store(va, 4, hart.f[rs2]);
            }
            case Op.FSD -> {
                return store(va, 8, hart.f[rs2]);
            }
            default -> {}
        }
        int size =
                switch (op) {
                    case Op.LB, Op.LBU -> 1;
                    case Op.LH, Op.LHU -> 2;
                    case Op.LW, Op.LWU, Op.FLW -> 4;
                    default -> 8;
                };
        long value = (va & OFFSET) + size > PAGE ? readAcross(va, size) : read(va, size);
        if (hart.trapped()) {
            return false;
        }
        switch (op) {
            case Op.LB -> x[rd] = (byte) value;
            case Op.LH -> x[rd] = (short) value;
            case Op.LW -> x[rd] = (int) value;
            case Op.FLW -> hart.f[rd] = FloatOps.box((int) value);
            case Op.FLD -> hart.f[rd] = value;
            default -> x[rd] = value;
        }
        return true;
    }

    private boolean store(long va, int size, long value) {
        return (va & OFFSET) + size > PAGE ? writeAcross(va, size, value) : write(va, size, value);
    }

    private long read(long va, int size) {
        long pa = dataAddress(va, size, LOAD);
        if (pa == FAULT) {
            return 0;
        }
        long host = readableHost(pa, size);
        if (host != 0) {
            return switch (size) {
                case 1 -> HostMemory.getByte(host) & 0xffL;
                case 2 -> HostMemory.getShort(host) & 0xffffL;
                case 4 -> HostMemory.getInt(host) & 0xffffffffL;
                default -> HostMemory.getLong(host);
            };
        }
        GuestMemory.Mmio device = device(pa, size);
        if (device == null) {
            fault(LOAD, va);
            return 0;
        }
        lock.lock();
        try {
            return device.region().read(pa - device.start(), size);
        } finally {
            lock.unlock();
        }
    }

    private boolean write(long va, int size, long value) {
        long pa = dataAddress(va, size, STORE);
        if (pa == FAULT) {
            return false;
        }
        GuestMemory.Ram ram = ram(pa, size);
        if (ram != null) {
            if (ram.writable()) {
                put(ram.host(pa), size, value);
                hart.code.written(pa, size);
            }
            return true;
        }
        GuestMemory.Mmio device = device(pa, size);
        if (device == null) {
            return fault(STORE, va);
        }
        lock.lock();
        try {
            device.region().write(pa - device.start(), size, value);
        } finally {
            lock.unlock();
        }
        return true;
    }

    private static void put(long host, int size, long value) {
        switch (size) {
            case 1 -> HostMemory.putByte(host, (byte) value);
            case 2 -> HostMemory.putShort(host, (short) value);
            case 4 -> HostMemory.putInt(host, (int) value);
            default -> HostMemory.putLong(host, value);
        }
    }

    /** The device that answers a naturally aligned access, or null: devices know no other. */
    private GuestMemory.Mmio device(long pa, int size) {
        return (pa & size - 1) == 0
                        && memory.find(pa) instanceof GuestMemory.Mmio device
                        && device.contains(pa + size - 1)
                ? device
                : null;
    }

    private long readAcross(long va, int size) {
        int low = PAGE - (int) (va & OFFSET);
        long second = va + low;
        long first = dataAddress(va, low, LOAD);
        long next = first == FAULT ? FAULT : dataAddress(second, size - low, LOAD);
        if (next == FAULT) {
            return 0;
        }
        if (readableHost(first, low) == 0 || readableHost(next, size - low) == 0) {
            fault(LOAD, readableHost(first, low) == 0 ? va : second);
            return 0;
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            long host = readableHost(i < low ? first + i : next + i - low, 1);
            value |= (HostMemory.getByte(host) & 0xffL) << 8 * i;
        }
        return value;
    }

    /** Nothing is written unless all of it can be. */
    private boolean writeAcross(long va, int size, long value) {
        int low = PAGE - (int) (va & OFFSET);
        long second = va + low;
        long first = dataAddress(va, low, STORE);
        long next = first == FAULT ? FAULT : dataAddress(second, size - low, STORE);
        if (next == FAULT) {
            return false;
        }
        if (readableHost(first, low) == 0 || readableHost(next, size - low) == 0) {
            return fault(STORE, readableHost(first, low) == 0 ? va : second);
        }
        for (int i = 0; i < size; i++) {
            long pa = i < low ? first + i : next + i - low;
            long host = writableHost(pa, 1);
            if (host != 0) {
                HostMemory.putByte(host, (byte) (value >>> 8 * i));
            }
        }
        hart.code.written(first, low);
        hart.code.written(next, size - low);
        return true;
    }
}
