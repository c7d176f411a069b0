package dev.cprkit.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.machine.config.GuestActions.Watchdog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the machine does when its watchdog is not fed, and when its guest ends or restarts. */
@Timeout(60)
class WatchdogTest {
    private static RealMachine machine(String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("-M", "virt", "-m", "32M", "-nodefaults", "-display", "none"));
        words.addAll(List.of("-kernel", "../guest/bare/bare.bin", "-device", "cmsdk-apb-watchdog,id=dog"));
        words.addAll(List.of(more));
        RealMachine real = RealMachine.of(words.toArray(new String[0]));
        real.on(() -> {
            real.machine().resume();
            return 0;
        });
        return real;
    }

    private static CmsdkWatchdog dog(RealMachine real) {
        return (CmsdkWatchdog) real.board().devices().stream()
                .filter(CmsdkWatchdog.class::isInstance)
                .findFirst()
                .orElseThrow();
    }

    /** Both stages in some milliseconds. */
    private static void bite(RealMachine real) throws Exception {
        real.on(() -> {
            dog(real).write(0, 4, 100);
            dog(real).write(8, 4, 3);
            return 0;
        });
    }

    @ParameterizedTest
    @EnumSource(names = "INJECT_NMI", mode = EnumSource.Mode.EXCLUDE)
    void eachActionIsTaken(Watchdog action) throws Exception {
        try (RealMachine real = machine("-watchdog-action", action.qapiName())) {
            bite(real);
            real.awaitEvent("WATCHDOG {\"action\": \"" + action.qapiName() + "\"}");
            switch (action) {
                case RESET -> {
                    real.awaitEvent("RESET {\"guest\": true, \"reason\": \"guest-reset\"}");
                    assertThat(real.machine().runState()).isEqualTo(RunState.RUNNING);
                    assertThat(real.on(() -> dog(real).read(8, 4))).isEqualTo(0L);
                    assertThat(real.events.stream().filter(event -> event.startsWith("WATCHDOG")))
                            .hasSize(1);
                }
                case SHUTDOWN -> real.awaitEvent("POWERDOWN");
                case POWEROFF -> {
                    real.awaitEvent("SHUTDOWN");
                    real.await("the end", real::ended);
                }
                case PAUSE -> {
                    real.await("run state watchdog", () -> real.machine().runState() == RunState.WATCHDOG);
                    assertThat(real.events.getLast()).isEqualTo("STOP");
                    real.on(() -> {
                        dog(real).write(8, 4, 0);
                        real.machine().resume();
                        return 0;
                    });
                    assertThat(real.machine().runState()).isEqualTo(RunState.RUNNING);
                }
                case DEBUG -> real.await("a complaint", () -> real.complaints.contains("watchdog: timer fired"));
                case NONE, INJECT_NMI -> assertThat(real.machine().runState()).isEqualTo(RunState.RUNNING);
            }
        }
    }

    @Test
    void anActionThatIsSetLaterCounts() throws Exception {
        try (RealMachine real = machine()) {
            real.on(() -> {
                real.machine().actions(real.machine().actions().with(Watchdog.NONE));
                return 0;
            });
            bite(real);
            real.awaitEvent("WATCHDOG {\"action\": \"none\"}");
            assertThat(real.machine().actions().reboot()).isEqualTo(GuestActions.Reboot.RESET);
        }
    }

    @Test
    void withActionShutdownPauseAGuestThatEndsStaysToBeLookedAt() throws Exception {
        try (RealMachine real = machine("-no-shutdown", "-no-reboot")) {
            bite(real);
            real.awaitEvent("SHUTDOWN {\"guest\": true, \"reason\": \"guest-reset\"}");
            real.await("run state shutdown", () -> real.machine().runState() == RunState.SHUTDOWN);
            assertThat(real.events).endsWith("STOP");
            assertThat(real.ended()).isFalse();
        }
    }

    @Test
    void theTreeHasAWatchdogOnlyIfOneWasAskedFor() throws Exception {
        try (RealMachine with = machine();
                RealMachine without = RealMachine.of("-M", "virt", "-m", "16M", "-nodefaults", "-bios", "none")) {
            assertThat(with.board().devices()).anyMatch(CmsdkWatchdog.class::isInstance);
            assertThat(without.board().devices()).noneMatch(CmsdkWatchdog.class::isInstance);
            assertThat(with.deviceTree()).contains("watchdog@4000000", "arm,sp805");
            assertThat(without.deviceTree()).doesNotContain("watchdog");
        }
    }
}
