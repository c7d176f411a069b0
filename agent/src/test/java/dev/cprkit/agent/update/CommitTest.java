package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.argv.PathMove;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paths that clients know, after an update of the second generation. */
class CommitTest {
    @TempDir
    Path folder;

    private List<PathMove> moves;
    private Path known;

    @BeforeEach
    void socketsOfTwoGenerations() throws Exception {
        known = folder.resolve("vm.qmp");
        Files.createFile(folder.resolve("vm.g1.qmp"));
        Files.createFile(folder.resolve("vm.g2.qmp"));
        moves = List.of(new PathMove("qmp", PathMove.Kind.SOCKET, "vm.g1.qmp", "vm.g2.qmp", "vm.qmp"));
    }

    @Test
    void theyLeadToTheNewProcessAndWhatTheOldOneLeftIsGone() throws Exception {
        Files.createSymbolicLink(known, Path.of("vm.g1.qmp"));
        assertThat(Commit.link(folder, moves)).containsExactly(known);
        assertThat(Files.readSymbolicLink(known)).isEqualTo(Path.of("vm.g2.qmp"));
        assertThat(folder.resolve("vm.g1.qmp")).doesNotExist();
        Files.delete(known);
        assertThat(Commit.link(folder, moves)).containsExactly(known);
    }

    @Test
    void whatSomebodyElsePutThereStays() throws Exception {
        Files.writeString(known, "not ours");
        assertThat(Commit.link(folder, moves)).isEmpty();
        Commit.linkTo(known, Path.of("vm.g2.qmp"));
        assertThat(known).hasContent("not ours");
    }
}
