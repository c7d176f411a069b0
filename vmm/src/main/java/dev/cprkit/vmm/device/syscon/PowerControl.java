package dev.cprkit.vmm.device.syscon;

/** What a guest may ask of the machine as a whole. Called with the machine lock held, from a vCPU thread. */
public interface PowerControl {
    /**
     * The guest ends its machine.
     *
     * @param exitStatus 0 to 65535, as the guest gave it
     * @param failure whether the guest reported a failure
     */
    void shutdown(int exitStatus, boolean failure);

    /** The guest restarts its machine. */
    void reset();

    /** The guest has not fed its watchdog. Main loop's thread. */
    void watchdogExpired();

    /** The guest puts its machine to sleep, memory kept, until it is woken. */
    void suspend();

    /** Something happened that wakes a machine which sleeps; nothing if it does not. */
    void wakeUp();
}
