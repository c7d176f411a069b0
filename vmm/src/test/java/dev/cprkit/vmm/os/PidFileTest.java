package dev.cprkit.vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    @TempDir
    private Path directory;

    @Test
    void holdsTheProcessIdAsLongAsItIsOpen() throws Exception {
        Path path = Files.writeString(directory.resolve("pid"), "12345678 and what another process left behind");
        try (PidFile file = PidFile.create(path)) {
            assertThat(file).isNotNull();
            assertThat(path).hasContent(ProcessHandle.current().pid() + "\n");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void refusesAPathThatCannotBe() {
        Path path = directory.resolve("no/pid");
        assertThatThrownBy(() -> PidFile.create(path))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot create PID file: Could not create '" + path + "': No such file or directory");
    }

    @Test
    void refusesAFileThatAnotherProcessHasLocked() throws Exception {
        Path path = directory.resolve("pid");
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PidFileHolder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('!');
            assertThatThrownBy(() -> PidFile.create(path))
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot create PID file: '" + path + "' is locked by another process");
            assertThat(path).content(StandardCharsets.US_ASCII).isEqualTo(other.pid() + "\n");
        } finally {
            other.getOutputStream().close();
            assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(path).doesNotExist();
    }
}
