package dev.cprkit.vmm.cpu.riscv.sbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.cpu.riscv.Csr;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.cpu.riscv.TestHart;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each extension's functions, results and errors, called as a kernel does: by ecall from S mode. */
class SbiTest {
    private static final long NOT_SUPPORTED = -2;
    private static final long INVALID_PARAM = -3;
    private static final long INVALID_ADDRESS = -5;
    private static final long ALREADY_AVAILABLE = -6;
    private static final long BUFFER = TestHart.RAM + 0x1000;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final List<String> resets = new ArrayList<>();
    private byte[] input = {};
    private TestHart test;
    private RiscvHart hart;

    @BeforeEach
    void start() {
        test = new TestHart();
        hart = test.hart;
        SystemReset reset = new SystemReset() {
            @Override
            public void shutdown(boolean failure) {
                resets.add("shutdown " + failure + " " + test.lock.isHeldByCurrentThread());
            }

            @Override
            public void reboot(boolean failure) {
                resets.add("reboot " + failure);
            }

            @Override
            public void suspend() {
                resets.add("suspend " + test.lock.isHeldByCurrentThread());
            }
        };
        DebugConsole console = new DebugConsole() {
            @Override
            public int write(byte[] from, int offset, int length) {
                output.write(from, offset, length);
                return length;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                System.arraycopy(input, 0, into, offset, input.length);
                return input.length;
            }
        };
        hart.setSupervisorCalls(new Sbi(test.memory, test.lock, reset, console));
        hart.resetToSupervisor(TestHart.RAM);
        byte[] ecall = {0x73, 0, 0, 0};
        test.memory.write(TestHart.RAM, ecall, 0, 4);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private void call(long extension, long function, long... arguments) {
        for (int i = 0; i < 6; i++) {
            hart.setX(10 + i, i < arguments.length ? arguments[i] : 0);
        }
        hart.setX(16, function);
        hart.setX(17, extension);
        hart.setPc(TestHart.RAM);
        hart.run(1);
    }

    private void returns(long error, long value) {
        assertThat(hart.x(10)).isEqualTo(error);
        assertThat(hart.x(11)).isEqualTo(value);
        assertThat(hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
    }

    @Test
    void baseTellsVersionsAndExtensions() {
        call(0x10, 0);
        returns(0, 2L << 24);
        assertThat(hart.pc()).isEqualTo(TestHart.RAM + 4);
        long[] present = {0x10, 0x54494d45, 0x735049, 0x52464e43, 0x48534d, 0x53525354, 0x53555350, 0x4442434e};
        for (long extension : present) {
            call(0x10, 3, extension);
            returns(0, 1);
        }
        call(0x10, 3, 0x504d55); // PMU
        returns(0, 0);
        call(0x10, 4);
        returns(0, hart.csr(Csr.MVENDORID));
        call(0x10, 7);
        returns(NOT_SUPPORTED, 0);
        call(0x01, 0, 'x'); // the console of version 0.1
        returns(NOT_SUPPORTED, 0);
    }

    @Test
    void timeSetsTheTimer() {
        call(0x54494d45, 0, 5000);
        returns(0, 0);
        assertThat(hart.csr(Csr.STIMECMP)).isEqualTo(5000);
        call(0x54494d45, 1);
        returns(NOT_SUPPORTED, 0);
    }

    @Test
    void ipiReachesThisHartOnly() {
        call(0x735049, 0, 0, 0);
        returns(0, 0);
        assertThat(hart.csr(Csr.SIP)).isZero();
        call(0x735049, 0, 2, 0);
        returns(INVALID_PARAM, 0);
        call(0x735049, 0, 1, 1);
        returns(INVALID_PARAM, 0);
        call(0x735049, 0, 1, 0);
        returns(0, 0);
        assertThat(hart.csr(Csr.SIP)).isEqualTo(2);
        hart.setSoftwareInterrupt(false);
        call(0x735049, 0, 0, -1);
        returns(0, 0);
        assertThat(hart.csr(Csr.SIP)).isEqualTo(2);
    }

    @Test
    void fencesCheckTheirHarts() {
        for (long function = 0; function < 3; function++) {
            call(0x52464e43, function, 1, 0, 0, 0);
            returns(0, 0);
            call(0x52464e43, function, 3, 0, 0, 0);
            returns(INVALID_PARAM, 0);
        }
        call(0x52464e43, 3, 1, 0, 0, 0); // hypervisor fences
        returns(NOT_SUPPORTED, 0);
    }

    @Test
    void hartStateManagement() {
        call(0x48534d, 2, 0);
        returns(0, 0);
        call(0x48534d, 2, 1);
        returns(INVALID_PARAM, 0);
        call(0x48534d, 0, 0, TestHart.RAM, 0);
        returns(ALREADY_AVAILABLE, 0);
        call(0x48534d, 0, 1, TestHart.RAM, 0);
        returns(INVALID_PARAM, 0);
        call(0x48534d, 3, 1);
        returns(INVALID_PARAM, 0);
        call(0x48534d, 3, 0x80000000L, 0, 0);
        returns(INVALID_ADDRESS, 0);
        call(0x48534d, 3, 0);
        returns(0, 0);
        assertThat(hart.waiting()).isTrue();
    }

    @Test
    void nonRetentiveSuspendResumesWhereToldTo() {
        hart.setCsr(Csr.SATP, 8L << 60 | 0x80001);
        hart.setCsr(Csr.SATP, 0);
        call(0x48534d, 3, 0x80000000L, TestHart.RAM + 0x200, 1234);
        assertThat(hart.waiting()).isTrue();
        assertThat(hart.pc()).isEqualTo(TestHart.RAM + 0x200);
        assertThat(hart.x(10)).isZero();
        assertThat(hart.x(11)).isEqualTo(1234);
    }

    @Test
    void aStoppedHartNeverWakes() {
        call(0x48534d, 1);
        hart.setCsr(Csr.SIE, 2);
        hart.setInterrupt(1, true);
        assertThat(hart.hasPendingWakeup()).isFalse();
        assertThat(hart.run(10)).isEqualTo(RiscvHart.Exit.WAIT_FOR_INTERRUPT);
    }

    @Test
    void systemResetIsCarriedOutOnce() {
        call(0x53525354, 0, 3, 0);
        returns(INVALID_PARAM, 0);
        call(0x53525354, 0, 0, 2);
        returns(INVALID_PARAM, 0);
        call(0x53525354, 0, 1, 1);
        assertThat(resets).containsExactly("reboot true");
        assertThat(hart.run(10)).isEqualTo(RiscvHart.Exit.WAIT_FOR_INTERRUPT);
        hart.resetToSupervisor(TestHart.RAM);
        call(0x53525354, 0, 0, 0);
        assertThat(resets).containsExactly("reboot true", "shutdown false true");
    }

    @Test
    void systemSuspendIsCarriedOutAndTheHartGoesOnWhereToldToWhenItIsWoken() {
        call(0x53555350, 1);
        returns(NOT_SUPPORTED, 0);
        call(0x53555350, 0, 1, TestHart.RAM, 0); // a reserved type of sleep
        returns(INVALID_PARAM, 0);
        call(0x53555350, 0, 0x80000000L, TestHart.RAM, 0); // a platform's own
        returns(INVALID_PARAM, 0);
        call(0x53555350, 0, 0, 0, 0);
        returns(INVALID_ADDRESS, 0);
        call(0x53555350, 0, 0, TestHart.RAM + 1, 0);
        returns(INVALID_ADDRESS, 0);
        assertThat(resets).isEmpty();
        hart.setCsr(Csr.SSTATUS, 2);
        hart.setCsr(Csr.SIE, 2);
        call(0x53555350, 0, 0, TestHart.RAM + 0x200, 1234);
        assertThat(resets).containsExactly("suspend true");
        hart.setInterrupt(1, true);
        assertThat(hart.hasPendingWakeup())
                .as("an interrupt alone does not wake it")
                .isFalse();
        assertThat(hart.run(10)).isEqualTo(RiscvHart.Exit.WAIT_FOR_INTERRUPT);
        hart.start();
        assertThat(hart.pc()).isEqualTo(TestHart.RAM + 0x200);
        returns(0, 1234); // a0 is the hart's number
        assertThat(hart.csr(Csr.SSTATUS) & 2).isZero();
        assertThat(hart.csr(Csr.SATP)).isZero();
        assertThat(hart.hasPendingWakeup()).isTrue();
    }

    @Test
    void debugConsoleMovesBytesAtPhysicalAddresses() {
        byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
        test.memory.write(BUFFER, text, 0, text.length);
        call(0x4442434e, 0, 5, BUFFER, 0);
        returns(0, 5);
        call(0x4442434e, 2, '!');
        returns(0, 0);
        assertThat(output.toString(StandardCharsets.US_ASCII)).isEqualTo("hello!");
        input = "in".getBytes(StandardCharsets.US_ASCII);
        call(0x4442434e, 1, 16, BUFFER, 0);
        returns(0, 2);
        assertThat(test.u64(BUFFER) & 0xffff).isEqualTo('i' | 'n' << 8);
    }

    @Test
    void debugConsoleRefusesMemoryThatIsNotThere() {
        call(0x4442434e, 0, 5, BUFFER, 1);
        returns(INVALID_PARAM, 0);
        call(0x4442434e, 0, 5, TestHart.DEVICE, 0);
        returns(INVALID_PARAM, 0);
        call(0x4442434e, 0, -1, BUFFER, 0);
        returns(INVALID_PARAM, 0);
        call(0x4442434e, 1, 16, TestHart.RAM + TestHart.RAM_BYTES - 8, 0);
        returns(INVALID_PARAM, 0);
        call(0x4442434e, 0, 0, 0, 0);
        returns(0, 0);
    }

    @Test
    void everyTrapButTheCallIsTheKernels() {
        assertThat(hart.csr(Csr.MEDELEG)).isEqualTo(0xb1ff);
        assertThat(hart.csr(Csr.MIDELEG)).isEqualTo(0x222);
        assertThat(hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
    }
}
