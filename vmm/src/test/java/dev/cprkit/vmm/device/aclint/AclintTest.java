package dev.cprkit.vmm.device.aclint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import java.util.List;
import org.junit.jupiter.api.Test;

class AclintTest {
    private static final long MTIME = 0x7ff8;

    private final ManualClock clock = new ManualClock(5_000);
    private final Wire mtip = new Wire();
    private final Mtimer timer = new Mtimer(clock, List.of(mtip));

    @Test
    void countsTenMillionTicksInASecond() {
        timer.reset();
        assertThat(timer.mtime()).isZero();
        clock.advance(1_000_000_000);
        assertThat(timer.mtime()).isEqualTo(Mtimer.FREQUENCY);
        assertThat(timer.read(MTIME, 8)).isEqualTo(Mtimer.FREQUENCY);
        assertThat(timer.read(MTIME, 4)).isEqualTo(Mtimer.FREQUENCY);
    }

    @Test
    void interruptsWhenTheTimeHasComeAndNotBefore() {
        timer.reset();
        timer.write(0, 8, 1000);
        clock.advance(99_999);
        assertThat(mtip.isHigh()).isFalse();
        clock.advance(1);
        assertThat(mtip.isHigh()).isTrue();
        timer.write(0, 8, 2000);
        assertThat(mtip.isHigh()).isFalse();
        timer.write(0, 8, 1);
        assertThat(mtip.isHigh()).isTrue();
    }

    @Test
    void halvesOfTheComparatorAreWrittenOneByOne() {
        timer.reset();
        timer.write(4, 4, 0x1234_5678);
        timer.write(0, 4, 0x9abc_def0L);
        assertThat(timer.read(0, 8)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(timer.read(4, 4)).isEqualTo(0x1234_5678);
        assertThat(timer.read(0, 4)).isEqualTo(0x9abc_def0L);
    }

    @Test
    void aComparatorThatIsCenturiesAwayNeverFires() {
        timer.reset();
        timer.write(0, 8, -1L);
        clock.advance(Long.MAX_VALUE / 4);
        assertThat(mtip.isHigh()).isFalse();
    }

    @Test
    void theGuestMaySetTheTime() {
        timer.reset();
        timer.write(0, 8, 1L << 40);
        timer.write(MTIME, 8, (1L << 40) - 10);
        assertThat(mtip.isHigh()).isFalse();
        clock.advance(1_000);
        assertThat(mtip.isHigh()).isTrue();
        timer.write(MTIME + 4, 4, 7);
        assertThat(timer.mtime() >>> 32).isEqualTo(7);
        assertThat(mtip.isHigh()).isFalse();
    }

    @Test
    void eachHartHasItsOwnComparator() {
        Wire second = new Wire();
        Mtimer two = new Mtimer(clock, List.of(mtip, second));
        two.reset();
        two.write(8, 8, 5);
        clock.advance(500);
        assertThat(mtip.isHigh()).isFalse();
        assertThat(second.isHigh()).isTrue();
        assertThat(two.read(16, 8)).isZero();
    }

    @Test
    void timeAndTimerTravel() throws Exception {
        timer.reset();
        timer.write(MTIME, 8, 50_000);
        timer.write(0, 8, 60_000);
        clock.advance(500_000);
        byte[] state = Travel.save(timer);
        assertThat(state).hasSize(24);

        Wire there = new Wire();
        ManualClock thatClock = new ManualClock(clock.now());
        Mtimer other = new Mtimer(thatClock, List.of(there));
        Travel.load(other, state);
        assertThat(other.mtime()).isEqualTo(55_000);
        assertThat(there.isHigh()).isFalse();
        thatClock.advance(499_999);
        assertThat(there.isHigh()).isFalse();
        thatClock.advance(1);
        assertThat(there.isHigh()).isTrue();

        ManualClock later = new ManualClock(clock.now());
        Wire again = new Wire();
        timer.write(0, 8, 0);
        Mtimer third = new Mtimer(later, List.of(again));
        Travel.load(third, Travel.save(timer));
        assertThat(again.isHigh()).isTrue();
    }

    @Test
    void softwareInterruptsFollowTheLowestBit() throws Exception {
        Wire first = new Wire();
        Wire second = new Wire();
        Mswi mswi = new Mswi(List.of(first, second));
        mswi.write(4, 4, 0xffff_ffffL);
        assertThat(first.isHigh()).isFalse();
        assertThat(second.isHigh()).isTrue();
        assertThat(mswi.read(4, 4)).isEqualTo(1);
        mswi.write(8, 4, 1);
        assertThat(mswi.read(8, 4)).isZero();

        Wire there = new Wire();
        Mswi other = new Mswi(List.of(new Wire(), there));
        Travel.load(other, Travel.save(mswi));
        assertThat(there.isHigh()).isTrue();
        mswi.reset();
        assertThat(second.isHigh()).isFalse();
    }
}
