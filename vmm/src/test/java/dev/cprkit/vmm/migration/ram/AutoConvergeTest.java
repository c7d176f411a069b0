package dev.cprkit.vmm.migration.ram;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Capability auto-converge. */
class AutoConvergeTest {
    private final List<Integer> told = new ArrayList<>();

    private AutoConverge with(boolean tailSlow) {
        return new AutoConverge(new AutoConverge.Settings(50, 20, 10, tailSlow, 35), told::add);
    }

    private static void periods(AutoConverge converge, int count, long written, long sent) {
        for (int i = 0; i < count; i++) {
            converge.period(written, sent);
        }
    }

    @Test
    void twiceTooMuchSlowsTheGuestDownStepByStep() {
        AutoConverge converge = with(false);
        periods(converge, 5, 500, 1000);
        assertThat(told).isEmpty();
        periods(converge, 1, 501, 1000);
        assertThat(told).isEmpty();
        periods(converge, 1, 501, 1000);
        assertThat(told).containsExactly(20);
        periods(converge, 6, 900, 1000);
        assertThat(told).containsExactly(20, 30, 35, 35);
        assertThat(converge.percent()).isEqualTo(35);
    }

    @Test
    void nearTheEndItSlowsDownByNoMoreThanIsNeeded() {
        AutoConverge converge = with(true);
        periods(converge, 2, 600, 1000);
        assertThat(converge.percent()).isEqualTo(20);
        periods(converge, 2, 520, 1000); // 80 % of speed times 500/520 is enough: 3 % less
        assertThat(converge.percent()).isEqualTo(23);
        periods(converge, 2, 5000, 1000);
        assertThat(converge.percent()).isEqualTo(33);
    }

    @Test
    void parametersCountAtOnceAndTheEndIsTheEnd() {
        AutoConverge converge = with(false);
        converge.set(new AutoConverge.Settings(90, 40, 10, false, 99));
        periods(converge, 2, 800, 1000);
        assertThat(told).isEmpty();
        periods(converge, 2, 950, 1000);
        assertThat(told).containsExactly(40);
        converge.end();
        converge.end();
        assertThat(told).containsExactly(40, 0);
        periods(converge, 4, 950, 1000);
        assertThat(told).containsExactly(40, 0);
        assertThat(converge.percent()).isZero();
    }
}
