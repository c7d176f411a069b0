package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.run.MachineLock;

/** System reset: shutdown, cold and warm reboot (SBI 2.0, chapter 10). The hart executes nothing afterwards. */
record ResetExtension(MachineLock lock, SystemReset machine) implements SbiExtension {
    private static final int SHUTDOWN = 0;
    private static final int COLD_REBOOT = 1;
    private static final int WARM_REBOOT = 2;
    private static final int SYSTEM_FAILURE = 1;

    @Override
    public int id() {
        return 0x53525354;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function != 0) {
            return SbiResult.NOT_SUPPORTED;
        }
        int type = (int) SbiExtension.argument(hart, 0);
        int reason = (int) SbiExtension.argument(hart, 1);
        if (type < SHUTDOWN || type > WARM_REBOOT || reason < 0 || reason > SYSTEM_FAILURE) {
            return SbiResult.INVALID_PARAMETER;
        }
        boolean failure = reason == SYSTEM_FAILURE;
        hart.stopForever();
        lock.lock();
        try {
            switch (type) {
                case COLD_REBOOT, WARM_REBOOT -> machine.reboot(failure);
                default -> machine.shutdown(failure);
            }
        } finally {
            lock.unlock();
        }
        return SbiResult.SUCCESS;
    }
}
