package dev.cprkit.vmm.run;

import static dev.cprkit.vmm.run.PTimer.Policy.CONTINUOUS_TRIGGER;
import static dev.cprkit.vmm.run.PTimer.Policy.NO_COUNTER_ROUND_DOWN;
import static dev.cprkit.vmm.run.PTimer.Policy.NO_IMMEDIATE_RELOAD;
import static dev.cprkit.vmm.run.PTimer.Policy.NO_IMMEDIATE_TRIGGER;
import static dev.cprkit.vmm.run.PTimer.Policy.TRIGGER_ONLY_ON_DECREMENT;
import static dev.cprkit.vmm.run.PTimer.Policy.WRAP_AFTER_ONE_PERIOD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.run.PTimer.Mode;
import dev.cprkit.vmm.run.PTimer.Policy;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The countdown timer: each policy, all of them together, and a migration at any time. */
class PTimerTest {
    private static final long MS = 1_000_000;

    /** A timer of 1 ms periods on a clock of its own. */
    private static final class Rig {
        private final ManualClock clock = new ManualClock(1000 * MS);
        private final Set<Policy> policies;
        private PTimer timer;
        private int triggers;
        private final List<Long> times = new ArrayList<>();

        Rig(Policy... policies) {
            this(Set.of(policies));
        }

        Rig(Set<Policy> policies) {
            this.policies = policies;
            timer = new PTimer(clock, this::triggered, policies);
            timer.change(() -> timer.period(MS));
        }

        private void triggered() {
            triggers++;
            times.add(clock.now());
        }

        Rig start(Mode mode, long limit, long count) {
            timer.change(() -> {
                timer.limit(limit, true);
                timer.count(count);
                timer.run(mode);
            });
            return this;
        }

        void count(long count) {
            timer.change(() -> timer.count(count));
        }

        void stop() {
            timer.change(() -> timer.stop());
        }

        /** Goes on by periods and a little, so that the period has surely begun. */
        Rig periods(double periods) {
            clock.advance((long) (periods * MS));
            return this;
        }

        void shows(long count, int allTriggers) {
            assertThat(timer.count()).as("count").isEqualTo(count);
            assertThat(triggers).as("triggers").isEqualTo(allTriggers);
        }

        /** The same timer in another process, whose clock shows the same time. */
        void migrate() throws Exception {
            StateOutput out = StateOutput.toMemory();
            StateEncoder.save(PTimer.STATE, timer, out);
            PTimer old = timer;
            timer = new PTimer(clock, this::triggered, policies);
            StateDecoder.load(PTimer.STATE, timer, 1, StateInput.of(out.toByteArray()));
            old.change(old::stop);
        }
    }

    @Test
    void aPeriodicTimerTriggersEachTimeItReachesZeroAndBeginsAgain() {
        Rig rig = new Rig().start(Mode.PERIODIC, 10, 10);
        rig.shows(10, 0);
        rig.periods(0.5).shows(9, 0);
        rig.periods(4).shows(5, 0);
        rig.periods(5).shows(0, 0);
        rig.periods(0.5).shows(10, 1);
        rig.periods(10.5).shows(9, 2);
        rig.periods(100).shows(9, 12);
        assertThat(rig.times.getFirst()).isEqualTo(1010 * MS);
        assertThat(rig.times.getLast()).isEqualTo(1120 * MS);
    }

    @Test
    void aOneShotTimerTriggersOnceAndStops() {
        Rig rig = new Rig().start(Mode.ONE_SHOT, 10, 4);
        rig.periods(3.5).shows(0, 0);
        rig.periods(0.5).shows(0, 1);
        rig.periods(1000).shows(0, 1);
        assertThat(rig.timer.mode()).isEqualTo(Mode.STOPPED);
        rig.timer.change(() -> rig.timer.run(Mode.ONE_SHOT));
        assertThat(rig.triggers).as("it was started at 0").isEqualTo(2);
    }

    @Test
    void aStoppedTimerKeepsItsCountAndGoesOnFromIt() {
        Rig rig = new Rig().start(Mode.PERIODIC, 10, 10);
        rig.periods(3.5);
        rig.stop();
        rig.periods(100).shows(6, 0);
        rig.timer.change(() -> rig.timer.run(Mode.PERIODIC));
        rig.periods(5.5).shows(0, 0);
        rig.periods(0.5).shows(10, 1);
    }

    @Test
    void withoutPoliciesZeroTriggersAndReloadsAtOnce() {
        Rig rig = new Rig().start(Mode.PERIODIC, 5, 0);
        rig.shows(5, 1);
        rig.periods(2.5);
        rig.count(0);
        rig.shows(5, 2);
        rig.periods(5).shows(5, 3);
    }

    @Test
    void withoutPoliciesATimerWithNothingToCountTriggersAndStops() {
        Rig rig = new Rig().start(Mode.PERIODIC, 0, 0);
        rig.shows(0, 1);
        assertThat(rig.timer.mode()).isEqualTo(Mode.STOPPED);
        rig.periods(10).shows(0, 1);
    }

    @Test
    void withoutAPeriodItDoesNotStart() {
        Rig rig = new Rig();
        rig.timer.change(() -> rig.timer.period(0));
        rig.start(Mode.PERIODIC, 5, 5).periods(100).shows(5, 0);
        assertThat(rig.timer.mode()).isEqualTo(Mode.STOPPED);
        rig.timer.change(() -> rig.timer.period(MS));
        rig.start(Mode.PERIODIC, 5, 5);
        rig.timer.change(() -> rig.timer.period(0));
        assertThat(rig.timer.mode()).as("its period was taken away").isEqualTo(Mode.STOPPED);
        rig.periods(100).shows(5, 0);
    }

    @Test
    void wrapAfterOnePeriodStaysAtZeroForAPeriod() {
        Rig rig = new Rig(WRAP_AFTER_ONE_PERIOD).start(Mode.PERIODIC, 5, 5);
        rig.periods(5).shows(0, 1);
        rig.periods(0.5).shows(0, 1);
        rig.periods(1).shows(4, 1);
        rig.periods(4).shows(0, 1);
        rig.periods(0.5).shows(0, 2);
        rig.periods(6).shows(0, 3);
    }

    @Test
    void continuousTriggerTriggersEachPeriodWithNothingToCount() {
        Rig rig = new Rig(CONTINUOUS_TRIGGER).start(Mode.PERIODIC, 0, 0);
        rig.shows(0, 1);
        rig.periods(1).shows(0, 2);
        rig.periods(10).shows(0, 12);
        Rig oneShot = new Rig(CONTINUOUS_TRIGGER).start(Mode.ONE_SHOT, 0, 0);
        oneShot.periods(10).shows(0, 1);
    }

    @Test
    void noImmediateTriggerTriggersWhenTheCountIsOver() {
        Rig rig = new Rig(NO_IMMEDIATE_TRIGGER).start(Mode.PERIODIC, 5, 0);
        rig.shows(5, 0);
        rig.periods(5).shows(5, 1);
        rig.count(0);
        rig.shows(5, 1);
        Rig nothing = new Rig(NO_IMMEDIATE_TRIGGER).start(Mode.ONE_SHOT, 0, 0);
        nothing.shows(0, 0);
        nothing.periods(1).shows(0, 1);
        nothing.periods(10).shows(0, 1);
    }

    @Test
    void noImmediateReloadStaysAtZeroForAPeriod() {
        Rig rig = new Rig(NO_IMMEDIATE_RELOAD).start(Mode.PERIODIC, 5, 5);
        rig.count(0);
        rig.shows(0, 1);
        rig.periods(0.5).shows(0, 1);
        rig.periods(0.5).shows(5, 1);
        rig.periods(5).shows(5, 2);
    }

    @Test
    void noImmediateReloadAndTriggerTogetherTriggerAfterTheOnePeriod() {
        Rig rig = new Rig(NO_IMMEDIATE_RELOAD, NO_IMMEDIATE_TRIGGER).start(Mode.PERIODIC, 5, 0);
        rig.shows(0, 0);
        rig.periods(1).shows(5, 1);
        rig.periods(5).shows(5, 2);
        Rig oneShot = new Rig(NO_IMMEDIATE_RELOAD, NO_IMMEDIATE_TRIGGER).start(Mode.ONE_SHOT, 5, 0);
        oneShot.shows(0, 0);
        oneShot.periods(1).shows(0, 1);
    }

    @Test
    void noCounterRoundDownCountsThePeriodThatHasBegun() {
        Rig rig = new Rig(NO_COUNTER_ROUND_DOWN).start(Mode.PERIODIC, 5, 5);
        rig.shows(5, 0);
        rig.periods(0.5).shows(5, 0);
        rig.periods(1).shows(4, 0);
        rig.periods(3).shows(1, 0);
        rig.periods(0.5).shows(5, 1);
    }

    @Test
    void triggerOnlyOnDecrementReloadsWithoutATrigger() {
        Rig rig = new Rig(TRIGGER_ONLY_ON_DECREMENT).start(Mode.PERIODIC, 5, 0);
        rig.shows(5, 0);
        rig.periods(2.5);
        rig.count(0);
        rig.shows(5, 0);
        rig.periods(5).shows(5, 1);
        assertThatThrownBy(() -> new Rig(TRIGGER_ONLY_ON_DECREMENT, NO_IMMEDIATE_TRIGGER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a counter that is set to 0 cannot trigger both later and never");
    }

    @Test
    void aFrequencyThatDoesNotDivideASecondDoesNotDrift() {
        Rig rig = new Rig();
        rig.timer.change(() -> rig.timer.frequency(32768));
        rig.start(Mode.PERIODIC, 32768, 32768);
        rig.shows(32768, 0);
        rig.clock.advance(1000 * 1000 * MS);
        assertThat(rig.triggers).isEqualTo(1000);
        assertThat(rig.times.getLast()).isEqualTo(1000 * MS + 1000 * 1000 * MS);
        rig.clock.advance(30_519);
        rig.shows(32766, 1000);
    }

    @Test
    void aHostThatIsLateDoesNotMakeItDrift() {
        Rig rig = new Rig().start(Mode.PERIODIC, 10, 10);
        rig.clock.skip(12 * MS + MS / 2);
        rig.periods(0).shows(7, 1);
        rig.periods(7.5).shows(10, 2);
        rig.clock.skip(25 * MS);
        rig.periods(0).shows(5, 4);
    }

    @Test
    void aPeriodThatChangesKeepsTheCount() {
        Rig rig = new Rig().start(Mode.PERIODIC, 10, 10);
        rig.periods(3.5);
        rig.timer.change(() -> rig.timer.period(10 * MS));
        rig.shows(6, 0);
        rig.periods(59).shows(0, 0);
        rig.periods(1).shows(10, 1);
    }

    @Test
    void aLimitCountsFromTheNextRoundOrFromNow() {
        Rig rig = new Rig().start(Mode.PERIODIC, 10, 10);
        rig.periods(5);
        rig.timer.change(() -> rig.timer.limit(3, false));
        rig.periods(5).shows(3, 1);
        rig.timer.change(() -> rig.timer.limit(7, true));
        rig.shows(7, 1);
        assertThat(rig.timer.limit()).isEqualTo(7);
    }

    @Test
    void aPeriodicTimerNeverTriggersMoreOftenThanEachTenMicroseconds() {
        Rig rig = new Rig();
        rig.timer.change(() -> rig.timer.period(1));
        rig.start(Mode.PERIODIC, 1, 1);
        rig.clock.advance(MS);
        assertThat(rig.triggers).isEqualTo(100);
    }

    @Test
    void aCountThatOutlastsTheClockCountsAllTheSame() {
        Rig rig = new Rig().start(Mode.PERIODIC, -1L, -1L);
        rig.shows(-1L, 0);
        rig.periods(2.5).shows(-4L, 0);
    }

    @Test
    void settingsOutsideOfAChangeAreAMistake() {
        PTimer timer = new PTimer(new ManualClock(0), () -> {}, Set.of());
        List<Runnable> settings = List.of(
                () -> timer.period(1),
                () -> timer.frequency(1),
                () -> timer.limit(1, true),
                () -> timer.count(1),
                () -> timer.run(Mode.PERIODIC),
                timer::stop);
        for (Runnable setting : settings) {
            assertThatThrownBy(setting::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a timer is set outside of a change");
        }
    }

    @Test
    void theTriggerMaySetTheTimerAgain() {
        ManualClock clock = new ManualClock(0);
        int[] triggers = new int[1];
        PTimer[] timer = new PTimer[1];
        timer[0] = new PTimer(
                clock,
                () -> {
                    triggers[0]++;
                    timer[0].change(() -> timer[0].limit(timer[0].limit() * 2, true));
                },
                Set.of());
        timer[0].change(() -> {
            timer[0].period(MS);
            timer[0].limit(1, true);
            timer[0].run(Mode.PERIODIC);
        });
        clock.advance(15 * MS);
        assertThat(triggers[0]).as("after 1, 2, 4 and 8 periods").isEqualTo(4);
        clock.advance(15 * MS);
        assertThat(triggers[0]).isEqualTo(4);
    }

    /** Every set of policies that is allowed. */
    static List<Set<Policy>> allPolicies() {
        List<Set<Policy>> all = new ArrayList<>();
        Policy[] values = Policy.values();
        for (int bits = 0; bits < 1 << values.length; bits++) {
            EnumSet<Policy> set = EnumSet.noneOf(Policy.class);
            for (Policy policy : values) {
                if ((bits & 1 << policy.ordinal()) != 0) {
                    set.add(policy);
                }
            }
            if (!set.contains(NO_IMMEDIATE_TRIGGER) || !set.contains(TRIGGER_ONLY_ON_DECREMENT)) {
                all.add(set);
            }
        }
        assertThat(all).hasSize(48);
        return all;
    }

    @ParameterizedTest
    @MethodSource("allPolicies")
    void whateverThePoliciesRoundsHaveTheirLength(Set<Policy> policies) {
        Rig periodic = new Rig(policies).start(Mode.PERIODIC, 4, 4);
        periodic.periods(100);
        int round = policies.contains(WRAP_AFTER_ONE_PERIOD) ? 5 : 4;
        for (int i = 0; i < periodic.times.size(); i++) {
            assertThat(periodic.times.get(i)).isEqualTo((1004 + (long) i * round) * MS);
        }
        assertThat(periodic.triggers).isEqualTo(1 + 96 / round);
        Rig oneShot = new Rig(policies).start(Mode.ONE_SHOT, 4, 4);
        oneShot.periods(100).shows(0, 1);
        assertThat(oneShot.times).containsExactly(1004 * MS);
    }

    @ParameterizedTest
    @MethodSource("allPolicies")
    void whateverThePoliciesZeroDoesWhatTheySay(Set<Policy> policies) {
        boolean late = policies.contains(NO_IMMEDIATE_TRIGGER);
        boolean never = policies.contains(TRIGGER_ONLY_ON_DECREMENT);
        boolean waits = policies.contains(NO_IMMEDIATE_RELOAD);
        for (Mode mode : List.of(Mode.PERIODIC, Mode.ONE_SHOT)) {
            Rig rig = new Rig(policies).start(mode, 4, 0);
            int first = late || never ? 0 : 1;
            rig.shows(waits ? 0 : 4, first);
            rig.periods(1);
            assertThat(rig.triggers).as("after a period").isEqualTo(late && waits ? 1 : first);
            rig.periods(3);
            boolean stopped = waits && mode == Mode.ONE_SHOT;
            assertThat(rig.triggers).as("after four").isEqualTo(stopped || waits ? (late ? 1 : first) : first + 1);
        }
        Rig nothing = new Rig(policies).start(Mode.PERIODIC, 0, 0);
        nothing.periods(10);
        boolean continuous = policies.contains(CONTINUOUS_TRIGGER);
        int atOnce = late || never ? 0 : 1;
        assertThat(nothing.triggers).isEqualTo(continuous ? 10 + atOnce : Math.max(atOnce, late ? 1 : 0));
    }

    @ParameterizedTest
    @MethodSource("allPolicies")
    void whateverThePoliciesAMigrationIsNotNoticed(Set<Policy> policies) throws Exception {
        for (long[] start : new long[][] {{4, 4}, {4, 0}, {0, 0}, {3, 7}}) {
            for (Mode mode : List.of(Mode.PERIODIC, Mode.ONE_SHOT)) {
                Rig stays = new Rig(policies).start(mode, start[0], start[1]);
                Rig moves = new Rig(policies).start(mode, start[0], start[1]);
                for (int step = 0; step < 40; step++) {
                    stays.periods(0.3);
                    moves.periods(0.3);
                    moves.migrate();
                    assertThat(moves.timer.count()).isEqualTo(stays.timer.count());
                    assertThat(moves.times).isEqualTo(stays.times);
                    assertThat(moves.timer.mode()).isEqualTo(stays.timer.mode());
                }
            }
        }
    }

    @Test
    void itTravelsAsQemus() throws Exception {
        Rig rig = new Rig();
        rig.timer.change(() -> rig.timer.frequency(3));
        rig.start(Mode.PERIODIC, 6, 4);
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(PTimer.STATE, rig.timer, out);
        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .isEqualTo("01" + "0000000000000006" + "0000000000000004" + "55555555" + "0000000013de4355"
                        + "000000003b9aca00" + "000000008b13d755" + "000000008b13d755");
    }

    @Test
    void aModeThatDoesNotExistIsRefused() {
        byte[] bytes = new byte[53];
        bytes[0] = 3;
        PTimer timer = new PTimer(new ManualClock(0), () -> {}, Set.of());
        assertThatThrownBy(() -> StateDecoder.load(PTimer.STATE, timer, 1, StateInput.of(bytes)))
                .hasMessage("post load hook failed for: ptimer, version_id: 1, minimum_version: 1: a timer is in mode 3"
                        + " with a period of 0 ns");
    }

    @Test
    void aTimerThatCountsWithoutAPeriodIsRefused() {
        byte[] bytes = new byte[53];
        bytes[0] = 1;
        bytes[16] = 9; // what is left of the count
        PTimer timer = new PTimer(new ManualClock(0), () -> {}, Set.of());
        assertThatThrownBy(() -> StateDecoder.load(PTimer.STATE, timer, 1, StateInput.of(bytes)))
                .hasMessageEndingWith("a timer is in mode 1 with a period of 0 ns");
    }
}
