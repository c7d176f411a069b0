package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.update.ProbationWatch.Bad;
import dev.cprkit.agent.update.ProbationWatch.Lost;
import dev.cprkit.agent.update.ProbationWatch.Pace;
import dev.cprkit.agent.update.ProbationWatch.Passed;
import dev.cprkit.agent.update.ProbationWatch.Verdict;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program on probation that hangs: for a while, for ever, or until somebody has enough. */
@Timeout(30)
class ProbationWatchTest {
    private static final Duration MOMENT = Duration.ofMillis(20);

    @TempDir
    Path folder;

    private RecoveryHost host;
    private VmMonitor monitor;
    private final Probation probation = new Probation();
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeEach
    void begin() throws IOException, QmpException {
        host = new RecoveryHost(folder);
        host.process(RecoveryHost.NEXT, "vm.qmp", "running", "completed");
        monitor = VmMonitor.open(folder.resolve("vm.qmp"), Duration.ofSeconds(10), () -> {});
        monitor.negotiate();
    }

    @AfterEach
    void end() {
        monitor.close();
        host.close();
    }

    private Verdict watch(Duration patience, Duration length) {
        Pace pace = new Pace(MOMENT, MOMENT, patience);
        return new ProbationWatch(monitor, RecoveryHost.NEXT, host, new Watch(), probation, pace).await(length);
    }

    private void answersFromQuestion(int number) {
        host.processes
                .get(RecoveryHost.NEXT)
                .vm
                .orElseThrow()
                .answers
                .put("query-status", a -> asked.incrementAndGet() >= number ? Map.of("status", "running") : null);
    }

    @Test
    void oneThatAnswersInTimePasses() {
        assertThat(watch(Duration.ofSeconds(9), MOMENT)).isEqualTo(new Passed(""));
    }

    @Test
    void fromOneThatAnswersAgainTheGuestIsTakenBackEvenAfterTheTime() {
        answersFromQuestion(4);
        assertThat(watch(Duration.ofSeconds(9), MOMENT))
                .isEqualTo(new Bad("process 102 did not answer for more than 0 s in its probation"));
        assertThat(asked).hasValue(4);
    }

    @Test
    void oneThatNeverAnswersAgainIsLeftAlone() {
        answersFromQuestion(Integer.MAX_VALUE);
        assertThat(watch(Duration.ofMillis(200), Duration.ofHours(1)))
                .isEqualTo(new Lost("process 102 does not answer any more, and is left alone as it is"));
        assertThat(asked).hasValueGreaterThan(2);
        assertThat(host.processes.get(RecoveryHost.NEXT).alive).isTrue();
    }

    @Test
    void whoeverHasEnoughOfASilentOneNeedNotWait() {
        answersFromQuestion(Integer.MAX_VALUE);
        host.processes.get(RecoveryHost.NEXT).vm.orElseThrow().answers.put("query-status", a -> {
            probation.commit();
            return null;
        });
        assertThat(watch(Duration.ofHours(1), Duration.ofHours(1))).isEqualTo(new Passed(""));
    }

    @Test
    void aFloodOfEventsHidesNone() {
        FakeVm vm = host.processes.get(RecoveryHost.NEXT).vm.orElseThrow();
        for (int i = 0; i < 12_000; i++) {
            vm.event("RTC_CHANGE", Map.of());
        }
        vm.event("GUEST_PANICKED", Map.of());
        assertThat(watch(Duration.ofSeconds(9), Duration.ofSeconds(20)))
                .isEqualTo(new Bad("the guest panicked in its probation"));
    }
}
