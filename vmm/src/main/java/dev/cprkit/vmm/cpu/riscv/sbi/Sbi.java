package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.cpu.riscv.SupervisorCalls;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.run.MachineLock;
import java.util.List;

/**
 * SBI 2.0 with BASE, TIME, IPI, RFENCE, HSM, SRST, SUSP and DBCN, for a machine with one hart. Give it to
 * {@link RiscvHart#setSupervisorCalls} and start the hart with {@link RiscvHart#resetToSupervisor}. Keeps no state, so
 * nothing of it travels. Called on the vCPU's thread.
 */
public final class Sbi implements SupervisorCalls {
    private static final int A0 = 10;
    private static final int A1 = 11;
    private static final int A6 = 16;
    private static final int A7 = 17;

    private final List<SbiExtension> extensions;

    /**
     * @param memory where the debug console's buffers lie
     * @param lock held around calls of {@code reset} and {@code console}
     * @param reset carries out shutdown, reboot and suspend
     * @param console the other end of the debug console
     */
    public Sbi(GuestMemory memory, MachineLock lock, SystemReset reset, DebugConsole console) {
        extensions = List.of(
                new BaseExtension(this::has),
                new TimeExtension(),
                new IpiExtension(),
                new RfenceExtension(),
                new HsmExtension(memory),
                new ResetExtension(lock, reset),
                new SuspendExtension(memory, lock, reset),
                new DebugConsoleExtension(memory, lock, console));
    }

    @Override
    public boolean call(RiscvHart hart) {
        SbiResult result = SbiResult.NOT_SUPPORTED;
        long wanted = hart.x(A7);
        for (int i = 0; i < extensions.size(); i++) {
            if (extensions.get(i).id() == wanted) {
                result = extensions.get(i).call(hart, hart.x(A6));
            }
        }
        hart.setX(A0, result.error());
        hart.setX(A1, result.value());
        return true;
    }

    private boolean has(long id) {
        for (int i = 0; i < extensions.size(); i++) {
            if (extensions.get(i).id() == id) {
                return true;
            }
        }
        return false;
    }
}
