package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.RunState;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mode cpr-exec as far as it goes without an exec that succeeds. */
@Timeout(60)
class CprExecModeTest {
    private static JsonObject command(String... words) {
        JsonArray command = new JsonArray();
        for (String word : words) {
            command.add(new JsonString(word));
        }
        return new JsonObject().put("cpr-exec-command", command);
    }

    /** What was checked is what is executed: a command of no words would be a mistake with the guest stopped. */
    @Test
    void aCommandThatIsChangedMeanwhileCountsNextTime(@TempDir Path folder) throws Exception {
        try (TestMachine source = new TestMachine(new TestMachine.Options(), Optional.empty())) {
            source.start();
            source.awaitProgress();
            source.mode("cpr-exec");
            source.command("migrate-set-parameters", command("/no/such/program", "-incoming", "defer"));
            source.capability(MigrationCapability.PAUSE_BEFORE_SWITCHOVER);
            source.command("migrate", new JsonObject().put("uri", "file:" + folder.resolve("state")));
            source.awaitStatus("pre-switchover");
            source.command("migrate-set-parameters", command());
            source.command("migrate-continue", new JsonObject().put("state", "pre-switchover"));
            source.awaitStatus("failed");
            assertThat(source.errorDesc()).isEqualTo("execvp /no/such/program failed: No such file or directory");
            assertThat(source.runState()).isEqualTo(RunState.RUNNING);
            source.awaitProgress();
            assertThat(source.fatal).isEmpty();
        }
    }
}
