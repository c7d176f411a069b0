package dev.cprkit.vmm.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmClockTest {
    private final VmClock clock = new VmClock(() -> {});

    @Test
    void timeDoesNotPassWhileStopped() {
        clock.set(1234);
        long before = clock.now();
        spin(1_000_000);
        assertThat(clock.now()).isEqualTo(before).isEqualTo(1234);
    }

    @Test
    void timeStoppedIsNotCounted() {
        long start = System.nanoTime();
        clock.start();
        spin(1_000_000);
        clock.stop();
        long first = clock.now();
        spin(5_000_000);
        clock.start();
        long resumed = clock.now();
        clock.stop();
        assertThat(first).isBetween(1_000_000L, System.nanoTime() - start - 5_000_000L);
        assertThat(resumed).isGreaterThanOrEqualTo(first).isLessThan(System.nanoTime() - start - 4_999_999L);
    }

    @Test
    void itIsSetOnlyWhileStopped() {
        clock.start();
        assertThatThrownBy(() -> clock.set(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void movedByHandItFiresTimersInOrderEachAtItsTime() {
        List<String> fired = new ArrayList<>();
        clock.moveByHand();
        clock.timer(() -> fired.add("late " + clock.now())).arm(300);
        Clock.Timer again = clock.timer(() -> fired.add("again " + clock.now()));
        clock.timer(() -> {
                    fired.add("early " + clock.now());
                    again.arm(200);
                })
                .arm(100);
        clock.advance(50);
        clock.fireDue();
        assertThat(fired).as("stopped").isEmpty();
        assertThat(clock.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        clock.start();
        spin(1_000_000);
        assertThat(clock.now()).isEqualTo(50);
        assertThat(clock.nextDeadline()).isEqualTo(100);
        assertThat(clock.untilNext()).isEqualTo(Long.MAX_VALUE);
        clock.advance(250);
        assertThat(fired).containsExactly("early 100", "again 200");
        assertThat(clock.now()).isEqualTo(250);
        clock.advance(200);
        assertThat(clock.now()).as("never back").isEqualTo(250);
        clock.advance(300);
        assertThat(fired).containsExactly("early 100", "again 200", "late 300");
        clock.stop();
        assertThat(clock.now()).isEqualTo(300);
    }

    @Test
    void aTimerThatIsDueAtOnceIsSeenByTheLoop() {
        clock.moveByHand();
        clock.start();
        clock.advance(10);
        clock.timer(() -> {}).arm(10);
        assertThat(clock.untilNext()).isZero();
    }

    @Test
    void aClockThatMovesByItselfIsNotPushed() {
        clock.start();
        assertThatThrownBy(() -> clock.advance(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(clock::moveByHand).isInstanceOf(IllegalStateException.class);
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
