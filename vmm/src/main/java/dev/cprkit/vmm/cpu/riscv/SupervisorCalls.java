package dev.cprkit.vmm.cpu.riscv;

/** Firmware that lives in the emulator: answers {@code ecall} from S mode in place of a trap to M mode. */
@FunctionalInterface
public interface SupervisorCalls {
    /**
     * Answers the call whose arguments are in a0 to a7 of the hart. The hart's pc already points behind the
     * {@code ecall}. Called on the vCPU's thread, without the machine lock.
     *
     * @return false to let the {@code ecall} trap as the architecture says
     */
    boolean call(RiscvHart hart);
}
