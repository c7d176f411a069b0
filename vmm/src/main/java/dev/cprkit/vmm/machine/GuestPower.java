package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.device.syscon.PowerControl;

/** The guest's power and reset switches, for devices that are made before the machine. Used with the machine lock held. */
final class GuestPower implements PowerControl {
    private PowerControl control;

    void connect(PowerControl to) {
        control = to;
    }

    @Override
    public void shutdown(int exitStatus, boolean failure) {
        control.shutdown(exitStatus, failure);
    }

    @Override
    public void reset() {
        control.reset();
    }

    @Override
    public void watchdogExpired() {
        control.watchdogExpired();
    }

    @Override
    public void suspend() {
        control.suspend();
    }

    @Override
    public void wakeUp() {
        control.wakeUp();
    }
}
