package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.run.MachineLock;

/** Debug console: bytes from and to memory at a physical address (SBI 2.0, chapter 12). */
record DebugConsoleExtension(GuestMemory memory, MachineLock lock, DebugConsole console) implements SbiExtension {
    /** No call moves more at once; callers go on with the rest. */
    private static final int MOST = 4096;

    @Override
    public int id() {
        return 0x4442434e;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function < 0 || function > 2) {
            return SbiResult.NOT_SUPPORTED;
        }
        if (function == 2) {
            return write(new byte[] {(byte) SbiExtension.argument(hart, 0)}) == 1
                    ? SbiResult.SUCCESS
                    : SbiResult.FAILED;
        }
        long count = SbiExtension.argument(hart, 0);
        long address = SbiExtension.argument(hart, 1);
        long high = SbiExtension.argument(hart, 2);
        if (count == 0) {
            return SbiResult.SUCCESS;
        }
        if (high != 0 || count < 0 || memory.hostAddress(address, count) == 0) {
            return SbiResult.INVALID_PARAMETER;
        }
        byte[] bytes = new byte[(int) Math.min(count, MOST)];
        return function == 0 ? writeFrom(address, bytes) : readInto(address, bytes);
    }

    private SbiResult writeFrom(long address, byte[] bytes) {
        return memory.read(address, bytes, 0, bytes.length) ? SbiResult.of(write(bytes)) : SbiResult.INVALID_PARAMETER;
    }

    private SbiResult readInto(long address, byte[] bytes) {
        int count;
        lock.lock();
        try {
            count = console.read(bytes, 0, bytes.length);
        } finally {
            lock.unlock();
        }
        return memory.write(address, bytes, 0, count) ? SbiResult.of(count) : SbiResult.INVALID_PARAMETER;
    }

    private int write(byte[] bytes) {
        lock.lock();
        try {
            return console.write(bytes, 0, bytes.length);
        } finally {
            lock.unlock();
        }
    }
}
