package dev.cprkit.vmm.cpu.riscv.sbi;

/** The bytes of the SBI's debug console. Called with the machine lock held; nothing here may block. */
public interface DebugConsole {
    /** Takes up to {@code length} bytes for the host; returns how many it took. */
    int write(byte[] from, int offset, int length);

    /** Hands over up to {@code length} bytes that the host has typed; returns how many, 0 if there are none. */
    int read(byte[] into, int offset, int length);
}
