package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.RecordingTarget;
import dev.cprkit.it.vm.VmProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes wrong between {@code migrate} and the moment that the guest stops: it never stops. */
interface ConnectCases extends Cases {
    @Test
    @Case(5)
    default void theCprChannelMustBeAUnixSocket() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.setMode(old, "cpr-transfer");
        String inet = "{'transport':'socket','type':'inet','host':'127.0.0.1','port':'1'}";
        assertThat(old.refused("migrate", Trial.channels(Trial.unix(trial.mainPath()), inet)))
                .isEqualTo("bad cpr channel address; must be unix");
        assertThat(old.migration()).isEqualTo("failed");
        assertThat(Trial.reason(old)).isEqualTo("bad cpr channel address; must be unix");
        assertNeverStopped(old);
    }

    @Test
    @Case(6)
    default void nobodyListensAndTheNextTryWorks() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.setMode(old, "cpr-transfer");
        String reason = "Failed to connect to '" + trial.cprPath() + "': No such file or directory";
        assertThat(old.refused("migrate", trial.channels())).isEqualTo(reason);
        assertThat(old.migration()).isEqualTo("failed");
        assertThat(Trial.reason(old)).isEqualTo(reason);
        assertNeverStopped(old);
        VmProcess next = trial.target();
        trial.migrate(old);
        next.awaitStatus("running");
        trial.assertRuns(next);
    }

    @Test
    @Case(7)
    default void theNewProcessEndsWithTheDescriptors() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        RecordingTarget target = trial.closed(new RecordingTarget(trial.cprPath(), trial.mainPath()));
        trial.migrate(old);
        target.takeState();
        assertThat(old.migration()).isEqualTo("setup");
        target.hangUp();
        old.awaitMigration("failed");
        assertThat(Trial.reason(old))
                .isEqualTo("Failed to connect to '" + trial.mainPath() + "': No such file or directory");
        assertNeverStopped(old);
    }

    @Test
    @Case(8)
    default void aCancelIsDoneAtOnceAndTheNextTryWorks() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        VmProcess next = trial.target("new", trial.machine(), "defer");
        trial.migrate(old);
        assertThat(old.migration()).isEqualTo("setup");
        old.execute("migrate_cancel");
        assertThat(old.migration()).isEqualTo("cancelled");
        assertThat(old.events()).containsExactly("MIGRATION setup", "MIGRATION cancelling", "MIGRATION cancelled");
        assertThat(next.status()).isEqualTo("inmigrate");
        next.kill();
        trial.assertRuns(old);
        VmProcess another = trial.target("another", trial.machine(), "unix:" + trial.mainPath());
        trial.migrate(old);
        another.awaitStatus("running");
        trial.assertRuns(another);
    }

    private void assertNeverStopped(VmProcess old) throws Exception {
        assertThat(old.events())
                .isEqualTo(trial().subject()
                        .since11(
                                List.of("MIGRATION setup", "MIGRATION failed"),
                                List.of("MIGRATION setup", "MIGRATION failing", "MIGRATION failed")));
        trial().assertRuns(old);
    }
}
