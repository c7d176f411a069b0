package dev.cprkit.vmm.run;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The one lock over devices, monitors and migration. The main loop holds it whenever it runs; a vCPU takes it for each
 * device access. Never blocked on for long: whoever holds it does not wait for the guest, a peer or a disk.
 */
public final class MachineLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    public MachineLock() {
        super(false);
    }
}
