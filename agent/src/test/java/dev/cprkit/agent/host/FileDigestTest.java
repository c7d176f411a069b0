package dev.cprkit.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FileDigestTest {
    @TempDir
    Path folder;

    @Test
    void aFileHasOne() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "abc");
        assertThat(FileDigest.of(file))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                .isEqualTo(FileDigest.ifKnown(Files.createSymbolicLink(folder.resolve("link"), file)));
    }

    @Test
    @Timeout(20)
    void nobodyWaitsForWhoWritesIntoAPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(FileDigest.ifKnown(pipe)).isEmpty();
        assertThatThrownBy(() -> FileDigest.of(pipe)).hasMessage(pipe + " is not a file");
        assertThat(FileDigest.ifKnown(folder)).isEmpty();
        assertThat(FileDigest.ifKnown(folder.resolve("none"))).isEmpty();
    }
}
