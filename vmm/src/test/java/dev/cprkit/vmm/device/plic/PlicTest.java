package dev.cprkit.vmm.device.plic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlicTest {
    private static final int UART = 10;
    private static final int RTC = 11;
    private static final long PENDING = 0x1000;
    private static final long ENABLE_S = 0x2080;
    private static final long THRESHOLD_M = 0x20_0000;
    private static final long CLAIM_M = 0x20_0004;
    private static final long THRESHOLD_S = 0x20_1000;
    private static final long CLAIM_S = 0x20_1004;

    private final Wire meip = new Wire();
    private final Wire seip = new Wire();
    private final Plic plic = new Plic(Plic.SOURCES, List.of(meip, seip));
    private final IrqLine uart = plic.source(UART);
    private final IrqLine rtc = plic.source(RTC);

    private long read(long offset) {
        return plic.read(offset, 4);
    }

    private void write(long offset, long value) {
        plic.write(offset, 4, value);
    }

    private void enableForSupervisor() {
        write(4L * UART, 1);
        write(4L * RTC, 1);
        write(ENABLE_S, 1 << UART | 1 << RTC);
    }

    @Test
    void raisesOnlyTheContextThatEnabledTheSource() {
        enableForSupervisor();
        uart.set(true);
        assertThat(seip.isHigh()).isTrue();
        assertThat(meip.isHigh()).isFalse();
        assertThat(read(PENDING)).isEqualTo(1 << UART);
    }

    @Test
    void tellsWhoeverWatchesOfEachWireThatChanges() {
        List<String> seen = new ArrayList<>();
        rtc.set(true);
        plic.watchInputs((number, high) -> seen.add("in " + number + " " + high));
        plic.watchOutputs((number, high) -> seen.add("out " + number + " " + high));
        uart.set(true);
        uart.set(true);
        enableForSupervisor();
        assertThat(seipAndMeip()).isEqualTo("true false");
        plic.drive(UART, false);
        plic.drive(0, true);
        assertThat(read(CLAIM_S)).isEqualTo(UART);
        assertThat(read(CLAIM_S)).isEqualTo(RTC);
        assertThat(seipAndMeip()).isEqualTo("false false");
        assertThat(seen).containsExactly("in 10 true", "out 0 true", "in 10 false", "out 0 false");
        assertThat(plic.inputs()).isEqualTo(Plic.SOURCES);
    }

    private String seipAndMeip() {
        return seip.isHigh() + " " + meip.isHigh();
    }

    @Test
    void claimTakesPendingAndLowersTheOutputUntilCompletion() {
        enableForSupervisor();
        uart.set(true);
        assertThat(read(CLAIM_S)).isEqualTo(UART);
        assertThat(seip.isHigh()).isFalse();
        assertThat(read(PENDING)).isZero();
        assertThat(read(CLAIM_S)).isZero();
        uart.set(false);
        write(CLAIM_S, UART);
        assertThat(seip.isHigh()).isFalse();
    }

    @Test
    void wireStillHighAtCompletionIsPendingAgain() {
        enableForSupervisor();
        uart.set(true);
        assertThat(read(CLAIM_S)).isEqualTo(UART);
        write(CLAIM_S, UART);
        assertThat(seip.isHigh()).isTrue();
        assertThat(read(CLAIM_S)).isEqualTo(UART);
    }

    @Test
    void wireThatPulsesDuringServiceIsNotForwarded() {
        enableForSupervisor();
        uart.set(true);
        read(CLAIM_S);
        uart.set(false);
        uart.set(true);
        assertThat(read(PENDING)).isZero();
        uart.set(false);
        write(CLAIM_S, UART);
        assertThat(read(PENDING)).isZero();
    }

    @Test
    void wireThatFallsBeforeTheClaimStaysPending() {
        enableForSupervisor();
        uart.set(true);
        uart.set(false);
        assertThat(seip.isHigh()).isTrue();
        assertThat(read(CLAIM_S)).isEqualTo(UART);
    }

    @Test
    void claimsTheHighestPriorityAndThenTheLowestNumber() {
        enableForSupervisor();
        uart.set(true);
        rtc.set(true);
        write(4L * RTC, 2);
        assertThat(read(CLAIM_S)).isEqualTo(RTC);
        write(CLAIM_S, RTC);
        write(4L * RTC, 1);
        assertThat(read(CLAIM_S)).isEqualTo(UART);
    }

    @Test
    void thresholdHoldsBackTheInterruptButNotTheClaim() {
        enableForSupervisor();
        write(THRESHOLD_S, 1);
        uart.set(true);
        assertThat(seip.isHigh()).isFalse();
        assertThat(read(CLAIM_S)).isEqualTo(UART);
        write(CLAIM_S, UART);
        write(THRESHOLD_S, 0);
        assertThat(seip.isHigh()).isTrue();
    }

    @Test
    void priorityZeroNeverInterrupts() {
        write(ENABLE_S, 1 << UART);
        uart.set(true);
        assertThat(seip.isHigh()).isFalse();
        assertThat(read(CLAIM_S)).isZero();
        assertThat(read(PENDING)).isEqualTo(1 << UART);
    }

    @Test
    void completionOfASourceThatIsNotEnabledIsIgnored() {
        enableForSupervisor();
        uart.set(true);
        read(CLAIM_S);
        write(CLAIM_M, UART);
        write(CLAIM_S, 0);
        write(CLAIM_S, 2000);
        assertThat(seip.isHigh()).isFalse();
        write(CLAIM_S, UART);
        assertThat(seip.isHigh()).isTrue();
    }

    @Test
    void registersKeepWhatTheHardwareHas() {
        write(0, 7);
        assertThat(read(0)).isZero();
        write(4, 0xffff_ffffL);
        assertThat(read(4)).isEqualTo(7);
        write(4L * (Plic.SOURCES - 1), 3);
        assertThat(read(4L * (Plic.SOURCES - 1))).isEqualTo(3);
        write(4L * Plic.SOURCES, 3);
        assertThat(read(4L * Plic.SOURCES)).isZero();
        write(0x2000, 0xffff_ffffL);
        assertThat(read(0x2000)).isEqualTo(0xffff_fffeL);
        write(0x2008, 0xffff_ffffL);
        assertThat(read(0x2008)).isEqualTo(0xffff_ffffL);
        write(0x200c, 0xffff_ffffL);
        assertThat(read(0x200c)).isZero();
        write(THRESHOLD_M, 0xff);
        assertThat(read(THRESHOLD_M)).isEqualTo(7);
        write(PENDING, 0xffff_ffffL);
        assertThat(read(PENDING)).isZero();
        assertThat(read(0x20_2000)).isZero();
        assertThat(read(Plic.SIZE - 4)).isZero();
        write(Plic.SIZE - 4, 1);
        assertThat(plic.read(4, 8)).isZero();
    }

    @Test
    void travelsInTheMiddleOfAService() throws Exception {
        enableForSupervisor();
        uart.set(true);
        rtc.set(true);
        read(CLAIM_S);
        byte[] state = Travel.save(plic);
        assertThat(state).hasSize(4 * (96 + 2 + 3 + 3 + 6));

        Wire otherSeip = new Wire();
        Plic other = new Plic(Plic.SOURCES, List.of(new Wire(), otherSeip));
        Travel.load(other, state);
        assertThat(otherSeip.isHigh()).isTrue();
        other.source(UART).set(true);
        other.source(RTC).set(true);
        assertThat(other.read(CLAIM_S, 4)).isEqualTo(RTC);
        assertThat(other.read(CLAIM_S, 4)).isZero();
        other.write(CLAIM_S, 4, UART);
        assertThat(other.read(CLAIM_S, 4)).isEqualTo(UART);
    }

    @Test
    void resetForgetsAllButTheWires() {
        enableForSupervisor();
        uart.set(true);
        read(CLAIM_S);
        plic.reset();
        assertThat(seip.isHigh()).isFalse();
        assertThat(read(4L * UART)).isZero();
        enableForSupervisor();
        assertThat(read(CLAIM_S)).isEqualTo(UART);
    }
}
