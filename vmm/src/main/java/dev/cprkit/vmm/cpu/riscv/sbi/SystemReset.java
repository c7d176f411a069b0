package dev.cprkit.vmm.cpu.riscv.sbi;

/** Who carries out what a guest asks by the SBI's system reset and suspend. Called with the machine lock held; must return at once. */
public interface SystemReset {
    /** Ends the machine; {@code failure} if the guest says that it has failed. */
    void shutdown(boolean failure);

    /** Starts the machine again. */
    void reboot(boolean failure);

    /** Puts the machine to sleep until it is woken. */
    void suspend();
}
