package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.riscv.sbi.SystemReset;
import dev.cprkit.vmm.device.syscon.PowerControl;

/** The built-in SBI's system reset and suspend are the board's power switch; a failure ends the process with status 1. */
record SbiPower(PowerControl power) implements SystemReset {
    @Override
    public void shutdown(boolean failure) {
        power.shutdown(failure ? 1 : 0, failure);
    }

    @Override
    public void reboot(boolean failure) {
        power.reset();
    }

    @Override
    public void suspend() {
        power.suspend();
    }
}
