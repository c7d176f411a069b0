package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.home.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    private Path folder;
    private Path file;
    private Home home;

    @BeforeEach
    void name_the_file(@TempDir Path temporary) throws Exception {
        folder = temporary.toRealPath();
        file = folder.resolve("agent.toml");
        home = new Home(folder.resolve("run"), folder.resolve("state"));
    }

    private AgentConfig read(String text) throws Exception {
        Files.writeString(file, text);
        return ConfigFile.read(file, home, true);
    }

    @Test
    void an_empty_file_means_the_defaults() throws Exception {
        assertThat(read("")).isEqualTo(ConfigFile.defaults(home, true));
    }

    @Test
    void the_example_says_the_defaults() throws Exception {
        String example = Files.readString(
                Path.of(System.getProperty("cprkit.root", "..")).resolve("agent/src/main/etc/agent.toml"));
        Home root = Home.of(Map.of(), 0);
        Files.writeString(file, example);
        assertThat(ConfigFile.read(file, root, true)).isEqualTo(ConfigFile.defaults(root, true));
        // Uncommented, but for the parts that need files, groups or callers of that host.
        StringBuilder said = new StringBuilder();
        for (String line : example.lines().toList()) {
            if (line.startsWith("# [tls]")) {
                break;
            }
            if (line.matches("# (\\[.*|[a-z-]+ = .*)") && !line.contains("socket-group")) {
                said.append(line.substring(2)).append('\n');
            }
        }
        Files.writeString(file, said);
        assertThat(said.toString()).contains("keep-days", "request-s", "socket = ");
        assertThat(ConfigFile.read(file, root, true)).isEqualTo(ConfigFile.defaults(root, true));
    }

    @Test
    void everything_can_be_said() throws Exception {
        AgentConfig config = read("""
            socket = "/run/elsewhere/agent.sock"
            socket-group = "root"
            operations-at-once = 8
            program-directories = ["/opt/vmm", "/usr/bin"]
            log-level = "warning"
            stop-limit-s = 5

            [journal]
            keep-days = 7
            keep-operations = 100

            [limits]
            connections = 32
            waits-per-caller = 4
            request-s = 10

            [[allow]]
            role = "reader"
            group = "root"

            [[allow]]
            role = "operator"
            user = "root"

            [[allow]]
            role = "admin"
            certificate-subject = "CN=deploy, O=Example"

            [[allow]]
            role = "reader"
            certificate-name = "monitor.example.org"
            """);
        assertThat(config.socket()).isEqualTo(Path.of("/run/elsewhere/agent.sock"));
        assertThat(config.socketGroup()).isEqualTo(Optional.of("root"));
        assertThat(config.operationsAtOnce()).isEqualTo(8);
        assertThat(config.programFolders()).containsExactly(Path.of("/opt/vmm"), Path.of("/usr/bin"));
        assertThat(config.logLevel()).isEqualTo(Level.WARNING);
        assertThat(config.stopLimit()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.keep()).isEqualTo(new AgentConfig.Keep(Duration.ofDays(7), 100));
        assertThat(config.limits()).isEqualTo(new AgentConfig.Limits(32, 4, Duration.ofSeconds(10)));
        assertThat(config.rules())
                .containsExactly(
                        new AccessRule(Role.READER, new AccessRule.Group("root")),
                        new AccessRule(Role.OPERATOR, new AccessRule.User("root")),
                        new AccessRule(Role.ADMIN, new AccessRule.Subject(new X500Principal("CN=deploy,O=Example"))),
                        new AccessRule(Role.READER, new AccessRule.AlternativeName("monitor.example.org")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "colour = \"red\" => FILE: the field 'colour' is not known; known are: allow, journal, limits,"
                    + " log-level, operations-at-once, program-directories, socket, socket-group, stop-limit-s, tls",
                "[limits]|conections = 9 => FILE: the field 'limits.conections' is not known; known are: connections,"
                        + " request-s, waits-per-caller",
                "socket = \"run/agent.sock\" => FILE: the field 'socket' is \"run/agent.sock\"; it must be an absolute"
                        + " path without '..'",
                "socket = 7 => FILE: the field 'socket' must be a string, not a whole number",
                "operations-at-once = 0 => FILE: the field 'operations-at-once' must be 1 to 1000, not 0",
                "operations-at-once = \"4\" => FILE: the field 'operations-at-once' must be a whole number, not a"
                        + " string",
                "program-directories = [\"opt\"] => FILE: the directory 'opt' in 'program-directories' must be an"
                        + " absolute path without '..'",
                "program-directories = [\"/opt\\u0000\"] => FILE: the directory '/opt?' in 'program-directories' must"
                        + " be an absolute path without '..'",
                "program-directories = \"/opt\" => FILE: the field 'program-directories' must be a list, not a string",
                "log-level = \"loud\" => FILE: the field 'log-level' is \"loud\"; it must be one of debug, info,"
                        + " warning, error",
                "socket-group = \"nobody-has-this\" => FILE: there is no group 'nobody-has-this' on this host",
                "[limits]|request-s = 31 => FILE: the field 'limits.request-s' must be 1 to 30, not 31",
                "[[allow]]|role = \"king\" => FILE: the field 'allow[0].role' is \"king\"; it must be one of reader,"
                        + " operator, admin",
                "[[allow]]|user = \"root\" => FILE: the field 'allow[0].role' is missing",
                "[[allow]]|role = \"admin\" => FILE: the rule 'allow[0]' must name exactly one of user, group,"
                        + " certificate-subject, certificate-name",
                "[[allow]]|role = \"admin\"|user = \"root\"|group = \"root\" => FILE: the rule 'allow[0]' must name"
                        + " exactly one of user, group, certificate-subject, certificate-name",
                "[[allow]]|role = \"admin\"|user = \"nobody-is-this\" => FILE: there is no user 'nobody-is-this' on"
                        + " this host",
                "[[allow]]|role = \"admin\"|certificate-subject = \"deploy\" => FILE: 'deploy' is no certificate's"
                        + " subject, which is written as CN=deploy,O=Example",
                "[tls] => FILE: the field 'tls.listen' is missing",
                "[tls]|listen = \"here\" => FILE: 'tls.listen' must be an address and a port as 192.0.2.7:7443 or"
                        + " [::]:7443, not 'here'",
                "[tls]|listen = \"127.0.0.1:0\"|certificate = \"/none\"|key = \"/none\"|client-authority = \"/none\""
                        + " => there is no file /none",
            })
    void a_slip_is_told_with_the_key_that_it_is_in(String text, String sentence) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> read(text.replace('|', '\n')));
        assertThat(e).hasMessage(sentence.replace("FILE", file.toString()));
    }

    @Test
    void what_is_not_TOML_is_told_with_its_line() {
        assertThat(catchThrowableOfType(ConfigException.class, () -> read("socket = \"/a\"\nsocket\n")))
                .hasMessageStartingWith(file + ", line 2: it is not TOML: ");
        assertThat(catchThrowableOfType(ConfigException.class, () -> read("socket = \"/a\"\nsocket = \"/b\"\n")))
                .hasMessage(file + ", line 3: it is not TOML: Duplicate key");
    }

    @Test
    void a_file_that_is_not_there_or_that_others_may_write_is_refused() throws Exception {
        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file, home, true)))
                .hasMessage("there is no configuration file " + file);
        Files.writeString(file, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file, home, true)))
                .hasMessage("the configuration " + file + " may be changed by others: it may be written to by all");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file, home, true)))
                .hasMessage("the configuration " + file + " may be changed by others: its folder " + folder
                        + " may be written to by all");
    }
}
