package dev.cprkit.vmm.cpu;

/** A vCPU that executes nothing: {@code -accel qtest}, where a test does to the machine what a guest would. */
public final class StillVcpu implements Vcpu {
    @Override
    public Exit run(long budget) {
        return Exit.WAIT_FOR_INTERRUPT;
    }

    @Override
    public boolean hasPendingWakeup() {
        return false;
    }

    @Override
    public void requestExit() {
        // It is never in the middle of anything.
    }
}
