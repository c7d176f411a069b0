package dev.cprkit.agent.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    @Test
    void the_folders_of_root_and_of_users() {
        assertThat(Home.of(Map.of("HOME", "/h"), 0))
                .isEqualTo(new Home(Path.of("/run/cprkit"), Path.of("/var/lib/cprkit")));
        assertThat(Home.of(Map.of("HOME", "/h"), 7))
                .isEqualTo(new Home(Path.of("/tmp/cprkit-7"), Path.of("/h/.local/state/cprkit")));
        assertThat(Home.of(Map.of("XDG_RUNTIME_DIR", "/r", "XDG_STATE_HOME", "/s"), 7))
                .isEqualTo(new Home(Path.of("/r/cprkit"), Path.of("/s/cprkit")));
    }

    /** What is under /tmp anybody may have made. */
    @Test
    void without_HOME_the_journal_is_where_the_hosts_users_have_theirs_and_never_in_tmp_itself() {
        assertThat(Home.of(Map.of(), 7).state().toString())
                .isEqualTo(System.getProperty("user.home") + "/.local/state/cprkit");
        assertThat(Home.of(Map.of("HOME", "nowhere"), 7).state()).isEqualTo(Path.of("/tmp/cprkit-7/state"));
    }

    @Test
    void a_folder_that_others_could_have_made_or_can_change_is_not_used(@TempDir Path folder) throws Exception {
        Path runtime = folder.resolve("run");
        Home home = new Home(runtime, folder.resolve("state"));
        assertThat(home.trouble()).isEmpty();
        Files.createDirectory(runtime);
        assertThat(home.trouble()).isEmpty();
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(home.trouble()).contains(runtime + " may be written to by all; run chmod 0700 " + runtime);
        Files.delete(runtime);
        Files.createFile(runtime);
        assertThat(home.trouble())
                .contains(runtime + " is not a folder; remove it, or choose another place with CPRKIT_RUNTIME_DIR");
    }
}
