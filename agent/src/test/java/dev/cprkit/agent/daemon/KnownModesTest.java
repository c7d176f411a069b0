package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownModesTest {
    private final List<Path> asked = new ArrayList<>();

    private KnownModes modes(Duration fresh, MigMode... modes) {
        return new KnownModes(
                qmp -> {
                    asked.add(qmp);
                    return Optional.of(List.of(modes));
                },
                fresh);
    }

    @Test
    void a_VM_is_checked_once_until_it_has_moved(@TempDir Path folder) throws Exception {
        Path link = folder.resolve("vm.qmp");
        Files.createSymbolicLink(link, Files.createFile(folder.resolve("vm.g1.qmp")));
        KnownModes modes = modes(Duration.ofDays(1), MigMode.CPR_TRANSFER);
        assertThat(modes.usable(link)).contains(List.of(MigMode.CPR_TRANSFER));
        assertThat(modes.usable(link)).contains(List.of(MigMode.CPR_TRANSFER));
        assertThat(asked).hasSize(1);
        Files.delete(link);
        Files.createSymbolicLink(link, Files.createFile(folder.resolve("vm.g2.qmp")));
        modes.usable(link);
        assertThat(asked).hasSize(2);
    }

    @Test
    void what_is_old_is_asked_again(@TempDir Path folder) {
        KnownModes modes = modes(Duration.ZERO, MigMode.CPR_TRANSFER);
        modes.usable(folder);
        modes.usable(folder);
        assertThat(asked).hasSize(2);
    }
}
