package dev.cprkit.vmm.device.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The watchdog's registers, its two stages, and a migration while it counts. */
class CmsdkWatchdogTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LOAD = 0x000;
    private static final int VALUE = 0x004;
    private static final int CONTROL = 0x008;
    private static final int CLEAR = 0x00c;
    private static final int RAW = 0x010;
    private static final int MASKED = 0x014;
    private static final int LOCK = 0xc00;
    private static final int TEST_CONTROL = 0xf00;
    private static final int TEST_OUTPUT = 0xf04;

    private final ManualClock clock = new ManualClock(5 * SECOND);
    private final Wire line = new Wire();
    private int expired;
    private CmsdkWatchdog dog = new CmsdkWatchdog(line, clock, () -> expired++);

    private void write(int at, long value) {
        dog.write(at, 4, value);
    }

    private long read(int at) {
        return dog.read(at, 4);
    }

    /** Counts from a second, with both stages enabled. */
    private void arm() {
        write(LOAD, CmsdkWatchdog.FREQUENCY);
        write(CONTROL, 3);
    }

    @Test
    void afterAResetItIsQuiet() {
        assertThat(read(LOAD)).isEqualTo(0xffff_ffffL);
        assertThat(read(VALUE)).isEqualTo(0xffff_ffffL);
        assertThat(read(CONTROL)).isZero();
        assertThat(read(LOCK)).isZero();
        clock.advance(1_000_000 * SECOND);
        assertThat(read(VALUE)).isEqualTo(0xffff_ffffL);
        assertThat(read(RAW)).isZero();
        int[] identity = {0x04, 0, 0, 0, 0x24, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1};
        for (int i = 0; i < identity.length; i++) {
            assertThat(read(0xfd0 + 4 * i)).isEqualTo(identity[i]);
        }
    }

    @Test
    void firstItInterruptsThenItResets() {
        arm();
        assertThat(read(VALUE)).isEqualTo(CmsdkWatchdog.FREQUENCY);
        clock.advance(SECOND / 2 + 1);
        assertThat(read(VALUE)).isEqualTo(CmsdkWatchdog.FREQUENCY / 2);
        clock.advance(SECOND / 2 - 2);
        assertThat(line.isHigh()).isFalse();
        clock.advance(1);
        assertThat(line.isHigh()).isTrue();
        assertThat(read(RAW)).isEqualTo(1);
        assertThat(read(MASKED)).isEqualTo(1);
        assertThat(expired).isZero();
        clock.advance(SECOND);
        assertThat(expired).as("a count of one more, at 0").isZero();
        clock.advance(SECOND / CmsdkWatchdog.FREQUENCY + 1);
        assertThat(expired).isEqualTo(1);
        clock.advance(100 * SECOND);
        assertThat(expired).as("once is enough").isEqualTo(1);
        write(CLEAR, 1);
        clock.advance(3 * SECOND);
        assertThat(expired).as("it was fed, and forgotten again").isEqualTo(2);
    }

    @Test
    void whoFeedsItIsNotBitten() {
        arm();
        for (int i = 0; i < 10; i++) {
            clock.advance(SECOND * 9 / 10);
            write(CLEAR, 1);
            assertThat(read(VALUE)).isEqualTo(CmsdkWatchdog.FREQUENCY);
        }
        clock.advance(SECOND);
        assertThat(line.isHigh()).isTrue();
        write(CLEAR, 0);
        assertThat(line.isHigh()).isFalse();
        assertThat(read(RAW)).isZero();
        assertThat(expired).isZero();
    }

    @Test
    void withoutResetEnabledItOnlyInterrupts() {
        write(LOAD, 100);
        write(CONTROL, 1);
        clock.advance(10 * SECOND);
        assertThat(line.isHigh()).isTrue();
        assertThat(expired).isZero();
    }

    @Test
    void disablingStopsItAndEnablingBeginsAnew() {
        arm();
        clock.advance(SECOND / 2 + 1);
        write(CONTROL, 0);
        clock.advance(10 * SECOND);
        assertThat(read(VALUE)).isEqualTo(CmsdkWatchdog.FREQUENCY / 2);
        assertThat(read(RAW)).isZero();
        write(CONTROL, 3);
        assertThat(read(VALUE)).isEqualTo(CmsdkWatchdog.FREQUENCY);
        write(LOAD, 7);
        assertThat(read(VALUE)).as("a load counts at once").isEqualTo(7);
        write(CONTROL, 2);
        assertThat(line.isHigh()).isFalse();
    }

    @Test
    void aCountOfNothingIsMendedByTheNext() {
        write(CONTROL, 1);
        write(LOAD, 0);
        clock.advance(SECOND);
        write(LOAD, 5);
        clock.advance(SECOND);
        assertThat(line.isHigh()).isTrue();
    }

    @Test
    void lockedItTakesNothingButItsKey() {
        arm();
        write(LOCK, 1);
        assertThat(read(LOCK)).isEqualTo(1);
        write(CONTROL, 0);
        write(LOAD, 1);
        write(CLEAR, 1);
        write(TEST_CONTROL, 1);
        assertThat(read(CONTROL)).isEqualTo(3);
        assertThat(read(LOAD)).isEqualTo(CmsdkWatchdog.FREQUENCY);
        assertThat(read(TEST_CONTROL)).isZero();
        write(LOCK, 0x1acc_e551);
        assertThat(read(LOCK)).isZero();
        write(CONTROL, 0);
        assertThat(read(CONTROL)).isZero();
    }

    @Test
    void inTestModeItsOutputsAreWhatIsWritten() {
        write(TEST_CONTROL, 1);
        write(TEST_OUTPUT, 2);
        assertThat(line.isHigh()).isTrue();
        write(TEST_OUTPUT, 1);
        assertThat(line.isHigh()).isFalse();
        assertThat(expired).isEqualTo(1);
        write(TEST_OUTPUT, 1);
        assertThat(expired).isEqualTo(1);
        write(TEST_CONTROL, 0);
        assertThat(line.isHigh()).isFalse();
    }

    @Test
    void otherWidthsAreNothing() {
        dog.write(CONTROL, 1, 3);
        assertThat(read(CONTROL)).isZero();
        assertThat(dog.read(LOAD, 8)).isZero();
    }

    @Test
    void aResetOfTheMachineStopsIt() {
        arm();
        clock.advance(SECOND);
        dog.reset();
        assertThat(line.isHigh()).isFalse();
        clock.advance(10 * SECOND);
        assertThat(expired).isZero();
        assertThat(read(LOAD)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void theTimeThatIsLeftMovesAndItBitesOnce() throws Exception {
        arm();
        write(LOCK, 1);
        clock.advance(SECOND + SECOND / 4);
        byte[] state = Travel.save(dog);
        CmsdkWatchdog old = dog;
        int[] newExpired = new int[1];
        Wire newLine = new Wire();
        dog = new CmsdkWatchdog(newLine, clock, () -> newExpired[0]++);
        Travel.load(dog, state);
        old.reset();
        assertThat(Travel.save(dog)).isEqualTo(state);
        assertThat(newLine.isHigh()).as("the first stage is over").isTrue();
        assertThat(read(LOCK)).isEqualTo(1);
        clock.advance(SECOND * 3 / 4);
        assertThat(newExpired[0]).isZero();
        clock.advance(SECOND / CmsdkWatchdog.FREQUENCY + 1);
        assertThat(newExpired[0]).isEqualTo(1);
        assertThat(expired).isZero();
    }

    @Test
    void itTravelsAsQemus() throws Exception {
        arm();
        assertThat(HexFormat.of().formatHex(Travel.save(dog)))
                .isEqualTo("0000773594000000"
                        + ("01" + "0000000000008000" + "0000000000008000" + "94000000" // ptimer
                                + "0000000000007735" + "000000012a05f200" + "0000000165a0bc00" + "0000000165a0bc00")
                        + "00000003" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000");
        assertThat(dog.sections().getFirst().idstr()).isEqualTo("cmsdk-apb-watchdog");
        assertThat(dog.sections().getFirst().type().version()).isEqualTo(2);
    }
}
