package dev.cprkit.vmm.device.rtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import org.junit.jupiter.api.Test;

class GoldfishRtcTest {
    private static final long EPOCH = 1_795_000_000_123_456_789L;
    private static final int ALARM_LOW = 0x08;
    private static final int ALARM_HIGH = 0x0c;
    private static final int IRQ_ENABLED = 0x10;
    private static final int CLEAR_ALARM = 0x14;
    private static final int ALARM_STATUS = 0x18;
    private static final int CLEAR_INTERRUPT = 0x1c;

    private final ManualClock clock = new ManualClock(0);
    private final Wire irq = new Wire();
    private final GoldfishRtc rtc = new GoldfishRtc(irq, () -> EPOCH + clock.now(), clock);

    private static long time(GoldfishRtc rtc) {
        long low = rtc.read(0, 4);
        return rtc.read(4, 4) << 32 | low;
    }

    private void setAlarm(long when) {
        rtc.write(ALARM_HIGH, 4, when >>> 32);
        rtc.write(ALARM_LOW, 4, when);
    }

    @Test
    void tellsTheTimeOfDayWithALatchedHighHalf() {
        assertThat(time(rtc)).isEqualTo(EPOCH);
        long low = rtc.read(0, 4);
        clock.advance(1L << 33);
        assertThat(rtc.read(4, 4) << 32 | low).isEqualTo(EPOCH);
    }

    @Test
    void alarmRaisesTheInterruptWhenEnabled() {
        rtc.write(IRQ_ENABLED, 4, 1);
        setAlarm(EPOCH + 1_000_000);
        assertThat(rtc.read(ALARM_STATUS, 4)).isEqualTo(1);
        assertThat(rtc.read(ALARM_LOW, 4) | rtc.read(ALARM_HIGH, 4) << 32).isEqualTo(EPOCH + 1_000_000);
        clock.advance(999_999);
        assertThat(irq.isHigh()).isFalse();
        clock.advance(1);
        assertThat(irq.isHigh()).isTrue();
        assertThat(rtc.read(ALARM_STATUS, 4)).isZero();
        rtc.write(IRQ_ENABLED, 4, 0);
        assertThat(irq.isHigh()).isFalse();
        rtc.write(IRQ_ENABLED, 4, 1);
        assertThat(irq.isHigh()).isTrue();
        rtc.write(CLEAR_INTERRUPT, 4, 1);
        assertThat(irq.isHigh()).isFalse();
    }

    @Test
    void alarmInThePastRingsAtOnceAndAClearedOneNever() {
        rtc.write(IRQ_ENABLED, 4, 1);
        setAlarm(EPOCH + 500);
        rtc.write(CLEAR_ALARM, 4, 1);
        clock.advance(1_000);
        assertThat(irq.isHigh()).isFalse();
        setAlarm(EPOCH);
        assertThat(irq.isHigh()).isTrue();
    }

    @Test
    void settingTheTimeMovesTheAlarm() {
        rtc.write(IRQ_ENABLED, 4, 1);
        setAlarm(EPOCH + (10L << 32));
        long target = EPOCH + (10L << 32) - 1_000;
        rtc.write(4, 4, target >>> 32);
        rtc.write(0, 4, target);
        assertThat(time(rtc)).isEqualTo(target);
        clock.advance(1_000);
        assertThat(irq.isHigh()).isTrue();
    }

    @Test
    void theGuestsOffsetAndAlarmTravelWhileTheWallClockGoesOn() throws Exception {
        rtc.write(IRQ_ENABLED, 4, 1);
        rtc.write(4, 4, 5);
        rtc.write(0, 4, 0);
        setAlarm((5L << 32) + 2_000);
        byte[] state = Travel.save(rtc);
        assertThat(state).hasSize(40);

        Wire there = new Wire();
        ManualClock later = new ManualClock(7);
        GoldfishRtc other = new GoldfishRtc(there, () -> EPOCH + 1_500 + later.now() - 7, later);
        Travel.load(other, state);
        assertThat(time(other)).isEqualTo((5L << 32) + 1_500);
        later.advance(499);
        assertThat(there.isHigh()).isFalse();
        later.advance(1);
        assertThat(there.isHigh()).isTrue();
        assertThat(irq.isHigh()).isFalse();
    }

    @Test
    void aPendingInterruptIsRaisedAgainAfterTheTravel() throws Exception {
        rtc.write(IRQ_ENABLED, 4, 1);
        setAlarm(EPOCH);
        Wire there = new Wire();
        GoldfishRtc other = new GoldfishRtc(there, () -> EPOCH, new ManualClock(0));
        Travel.load(other, Travel.save(rtc));
        assertThat(there.isHigh()).isTrue();
        other.reset();
        assertThat(there.isHigh()).isFalse();
    }
}
