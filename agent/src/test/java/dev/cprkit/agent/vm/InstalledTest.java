package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledTest {
    @TempDir
    Path folder;

    private Path install(String version) throws IOException {
        Path fresh = Files.writeString(
                folder.resolve("fresh"), "#!/bin/sh\necho x >> " + folder + "/asked\necho emulator version " + version);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
        return Files.move(fresh, folder.resolve("program"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aProgramIsAskedOnceUntilAnotherOneIsInstalled() throws IOException {
        Installed installed = new Installed();
        List<String> words = List.of(install("1.0").toString());
        assertThat(installed.version(words)).contains("1.0");
        assertThat(installed.version(words)).contains("1.0");
        assertThat(folder.resolve("asked")).hasContent("x");
        install("1.1");
        assertThat(installed.version(words)).contains("1.1");
        Files.delete(folder.resolve("program"));
        assertThat(installed.version(words)).isEmpty();
    }
}
