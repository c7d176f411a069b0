package dev.cprkit.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedPathTest {
    private Path folder;
    private Path program;

    @BeforeEach
    void make(@TempDir Path temporary) throws Exception {
        folder = temporary.toRealPath();
        program = Files.createFile(folder.resolve("program"));
    }

    private static void permit(Path path, String permissions) throws Exception {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private Path open(String name) throws Exception {
        Path open = Files.createDirectory(folder.resolve(name));
        permit(open, "rwxrwxrwx");
        return open;
    }

    @Test
    void a_file_that_only_we_can_change_is_told_by_where_it_is() throws Exception {
        assertThat(TrustedPath.of(program)).isEqualTo(program);
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("./../" + folder.getFileName()));
        Path through = Files.createSymbolicLink(folder.resolve("through"), link.resolve("program"));
        assertThat(TrustedPath.of(through)).isEqualTo(program);
        assertThat(TrustedPath.of(folder.resolve("link/../" + folder.getFileName() + "/program")))
                .isEqualTo(program);
    }

    @Test
    void a_file_or_a_folder_that_others_may_write_to_is_not_trusted() throws Exception {
        Path inOpen = Files.createFile(open("open").resolve("program"));
        assertThatThrownBy(() -> TrustedPath.of(inOpen))
                .hasMessage(inOpen + " may be changed by others: its folder " + inOpen.getParent()
                        + " may be written to by all");
        permit(program, "rwxr-xrw-");
        assertThatThrownBy(() -> TrustedPath.of(program))
                .isInstanceOf(UntrustedException.class)
                .hasMessage(program + " may be changed by others: it may be written to by all");
    }

    /** Whoever may put another link there chooses what is run, however safe it is where the link leads now. */
    @Test
    void a_link_that_others_may_replace_is_not_trusted() throws Exception {
        Path open = open("open");
        Path link = Files.createSymbolicLink(open.resolve("link"), program);
        assertThatThrownBy(() -> TrustedPath.of(link))
                .isInstanceOf(UntrustedException.class)
                .hasMessage(link + " may be changed by others: its folder " + open + " may be written to by all");
        Path toLink = Files.createSymbolicLink(folder.resolve("toLink"), link);
        assertThatThrownBy(() -> TrustedPath.of(toLink))
                .isInstanceOf(UntrustedException.class)
                .hasMessageContaining("its folder " + open);
        Path folderLink = Files.createSymbolicLink(open.resolve("folder"), folder);
        assertThatThrownBy(() -> TrustedPath.of(folderLink.resolve("program"))).isInstanceOf(UntrustedException.class);
    }

    @Test
    void what_is_not_there_and_links_in_a_circle() throws Exception {
        assertThatThrownBy(() -> TrustedPath.of(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        Path circle = folder.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        assertThatThrownBy(() -> TrustedPath.of(circle)).isInstanceOf(FileSystemLoopException.class);
    }
}
