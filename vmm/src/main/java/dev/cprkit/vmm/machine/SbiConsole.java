package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.cpu.riscv.sbi.DebugConsole;

/** The built-in SBI's debug console writes to the board's serial line. What is typed there is the UART's to hand over. */
record SbiConsole(Chardev serial) implements DebugConsole {
    @Override
    public int write(byte[] from, int offset, int length) {
        serial.write(from, offset, length);
        return length;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        return 0;
    }
}
