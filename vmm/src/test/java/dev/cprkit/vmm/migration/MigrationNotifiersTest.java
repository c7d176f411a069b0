package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Notifiers of each mode (reference/qemu-cpr.md, section 6.2). */
class MigrationNotifiersTest {
    private final MigrationNotifiers notifiers = new MigrationNotifiers();
    private final List<String> heard = new ArrayList<>();

    private MigrationNotifiers.Registration add(String name, Set<MigMode> modes, String veto) {
        return notifiers.add(modes, new MigrationNotifiers.Notifier() {
            @Override
            public void setup() throws MigrationNotifiers.Veto {
                heard.add(name + " setup");
                if (!veto.isEmpty()) {
                    throw new MigrationNotifiers.Veto(veto);
                }
            }

            @Override
            public void done() {
                heard.add(name + " done");
            }

            @Override
            public void failed() {
                heard.add(name + " failed");
            }
        });
    }

    @Test
    void onlyThoseOfTheModeAreTold() throws Exception {
        add("a", EnumSet.of(MigMode.CPR_EXEC, MigMode.CPR_TRANSFER), "");
        add("b", EnumSet.of(MigMode.CPR_REBOOT), "no");
        notifiers.setup(MigMode.CPR_TRANSFER);
        notifiers.done();
        notifiers.setup(MigMode.NORMAL);
        notifiers.done();
        assertThat(heard).containsExactly("a setup", "a done");
    }

    @Test
    void aVetoUndoesWhatTheOthersDid() {
        add("a", EnumSet.allOf(MigMode.class), "");
        add("b", EnumSet.allOf(MigMode.class), "");
        add("c", EnumSet.allOf(MigMode.class), "the guest is not suspended");
        add("d", EnumSet.allOf(MigMode.class), "");
        assertThatThrownBy(() -> notifiers.setup(MigMode.CPR_REBOOT))
                .isInstanceOf(MigrationFailure.class)
                .hasMessage("the guest is not suspended");
        assertThat(heard).containsExactly("a setup", "b setup", "c setup", "b failed", "a failed");
        notifiers.failed();
        assertThat(heard).hasSize(5);
    }

    @Test
    void aFailureIsToldOnceAlsoAfterDone() throws Exception {
        add("a", EnumSet.allOf(MigMode.class), "");
        add("b", EnumSet.allOf(MigMode.class), "");
        notifiers.failed();
        notifiers.setup(MigMode.CPR_EXEC);
        notifiers.done();
        notifiers.failed();
        notifiers.failed();
        assertThat(heard).containsExactly("a setup", "b setup", "a done", "b done", "b failed", "a failed");
    }

    @Test
    void oneThatIsTakenBackHearsNothingMore() throws Exception {
        MigrationNotifiers.Registration a = add("a", EnumSet.allOf(MigMode.class), "");
        notifiers.setup(MigMode.CPR_EXEC);
        a.remove();
        a.remove();
        notifiers.failed();
        notifiers.setup(MigMode.CPR_EXEC);
        assertThat(heard).containsExactly("a setup");
    }

    /** A migration to a file, and what is heard of it; {@code veto} if somebody says no. */
    private TestMachine migrated(String target, String veto) throws Exception {
        TestMachine machine = new TestMachine(new TestMachine.Options(), Optional.empty());
        machine.start();
        machine.awaitProgress();
        machine.on(() -> machine.migration.notifiers().add(EnumSet.of(MigMode.CPR_REBOOT), new Recorder(veto)));
        machine.mode("cpr-reboot");
        machine.command("migrate", new JsonObject().put("uri", target));
        TestMachine.await("the end", () -> !machine.migration.isOutgoing());
        return machine;
    }

    private final class Recorder implements MigrationNotifiers.Notifier {
        private final String veto;

        Recorder(String veto) {
            this.veto = veto;
        }

        @Override
        public void setup() throws MigrationNotifiers.Veto {
            heard.add("setup");
            if (!veto.isEmpty()) {
                throw new MigrationNotifiers.Veto(veto);
            }
        }

        @Override
        public void done() {
            heard.add("done");
        }

        @Override
        public void failed() {
            heard.add("failed");
        }
    }

    @Test
    @Timeout(60)
    void aMigrationTellsThem(@TempDir Path folder) throws Exception {
        try (TestMachine machine = migrated("file:" + folder.resolve("state"), "")) {
            assertThat(machine.status()).isEqualTo("completed");
            assertThat(heard).containsExactly("setup", "done");
        }
        heard.clear();
        try (TestMachine machine = migrated("exec:exit 1", "")) {
            assertThat(machine.status()).isEqualTo("failed");
            assertThat(heard).containsExactly("setup", "failed");
            machine.awaitProgress();
        }
        heard.clear();
        try (TestMachine machine = migrated("file:" + folder.resolve("state"), "not now")) {
            assertThat(machine.status()).isEqualTo("failed");
            assertThat(machine.errorDesc()).isEqualTo("not now");
            assertThat(heard).containsExactly("setup");
            assertThat(machine.events).doesNotContain("STOP");
            machine.awaitProgress();
        }
    }
}
