package dev.cprkit.vmm.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
