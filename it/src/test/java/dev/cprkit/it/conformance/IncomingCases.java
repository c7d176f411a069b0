package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.Recording;
import dev.cprkit.it.vm.VmProcess;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A new process that is told where to listen when it is ready, and that goes wrong. */
interface IncomingCases extends Cases {
    String ONLY_HERE = "Capability x-ignore-shared is on, but received capability is off";

    @Test
    @Case(18)
    default void aDeferredProcessListensWhenItIsTold() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        VmProcess next = trial.target("new", trial.machine(), "defer");
        trial.migrate(old);
        next.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        next.awaitStatus("running");
        trial.assertRuns(next);
    }

    @Test
    @Case(22)
    default void capabilitiesOfTheStreamMustBeTheSame() throws Exception {
        Trial trial = trial();
        Recording recording = trial.record();
        VmProcess next = deferred(trial, recording);
        next.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        trial.sendMain(recording);
        if (trial.subject().isOld()) { // which says the first alone
            trial.assertEnds(next, ONLY_HERE);
        } else {
            trial.assertEnds(next, ONLY_HERE, "Failed to validate capabilities");
        }
    }

    @Test
    @Case(26)
    default void withAReturnPathTheGuestComesBackWhenItCannotBeLoaded() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        Trial.setCapability(old, "return-path", true);
        VmProcess next = trial.target("new", trial.machine(), "defer");
        trial.migrate(old);
        Trial.setCapability(next, "x-ignore-shared", true);
        next.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        assertThat(next.awaitExit()).isEqualTo(1);
        old.awaitMigration("failed");
        assertThat(old.events()).contains("STOP", "RESUME");
        trial.assertRuns(old);
    }

    @Test
    @Case(29)
    default void aProcessThatIsToStayStaysAndSaysWhatWentWrong() throws Exception {
        Trial trial = trial();
        Recording recording = trial.record();
        VmProcess next = deferred(trial, recording);
        next.execute("migrate-incoming", "{'uri':'unix:" + trial.mainPath() + "','exit-on-error':false}");
        trial.sendMain(recording);
        next.awaitMigration("failed");
        assertThat(next.isAlive()).isTrue();
        assertThat(next.status()).isEqualTo("inmigrate");
        assertThat(Trial.reason(next)).isNotEmpty();
        assertThat(next.refused("migrate-incoming", Trial.mainOnly(trial.mainPath())))
                .isEqualTo("The incoming migration has already been started");
    }

    /** A process that has the CPR state, a capability that the stream does not have, and no main channel yet. */
    private static VmProcess deferred(Trial trial, Recording recording) throws Exception {
        List<String> options = new ArrayList<>(trial.machine());
        VmProcess next = trial.target("new", options, "defer");
        trial.sendState(recording);
        Trial.setCapability(next, "x-ignore-shared", true);
        return next;
    }
}
