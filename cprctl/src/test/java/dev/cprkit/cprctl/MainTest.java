package dev.cprkit.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The whole declaration, and what is wrong with a command line. */
@Timeout(60)
class MainTest {
    @TempDir
    private Path folder;

    private FakeSite site;

    @BeforeEach
    void start() {
        site = new FakeSite(folder);
    }

    static Set<CommandLine> commands() {
        FakeSite site = new FakeSite(Path.of("/nowhere"));
        java.io.PrintWriter nowhere = new java.io.PrintWriter(java.io.Writer.nullWriter());
        CommandLine whole = Main.commandLine(site, new Main.Streams(nowhere, nowhere, false, false), false);
        return new LinkedHashSet<>(whole.getSubcommands().values());
    }

    static Set<String> names() {
        return commands().stream().map(CommandLine::getCommandName).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theSubcommands() {
        assertThat(names())
                .containsExactly(
                        "adopt",
                        "cancel",
                        "check",
                        "commit",
                        "completion",
                        "console",
                        "forget",
                        "help",
                        "history",
                        "hmp",
                        "launch",
                        "list",
                        "log",
                        "plan",
                        "qmp",
                        "reboot-restore",
                        "reboot-save",
                        "rollback",
                        "status",
                        "update");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everySubcommandHasHelpJsonAndWhatTheyAllHave(String name) {
        assertThat(site.run(name, "--help")).isZero();
        assertThat(site.out())
                .contains("Usage: cprctl " + name)
                .contains("--help", "--json", "--quiet", "--color=WHEN", "--no-agent");
        assertThat(site.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(site.run("help", name)).isZero();
        String byHelp = site.out();
        site.run(name, "--help");
        assertThat(byHelp.strip()).isEqualTo(site.out().strip());
    }

    @Test
    void everySubcommandAndOptionIsDescribed() {
        for (CommandLine command : commands()) {
            var spec = command.getCommandSpec();
            assertThat(spec.usageMessage().header())
                    .as(spec.name())
                    .hasSize(1)
                    .allMatch(header -> header.endsWith(".") && header.length() <= 60);
            assertThat(spec.usageMessage().description()).as(spec.name()).isNotEmpty();
            spec.options()
                    .forEach(option -> assertThat(option.description())
                            .as(spec.name() + " " + option.longestName())
                            .isNotEmpty());
            spec.positionalParameters()
                    .forEach(parameter -> assertThat(parameter.description())
                            .as(spec.name() + " " + parameter.paramLabel())
                            .isNotEmpty());
        }
    }

    @Test
    void theTableOfExitStatusesIsTheOneOfTheAgent() {
        assertThat(site.run("--help")).isZero();
        String help = site.out();
        String table = help.substring(help.indexOf("Exit status"), help.indexOf("Example:"))
                .replaceAll("\\s+", " ")
                .strip();
        String expected = Arrays.stream(ExitStatus.values())
                .map(status -> status.number() + " " + status.meaning())
                .collect(Collectors.joining(" ", "Exit status, of every command: ", ""));
        assertThat(table).isEqualTo(expected);
    }

    @Test
    void version() {
        assertThat(site.run("--version")).isZero();
        assertThat(site.out()).startsWith("cprctl ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                                 | say what to do, for example: cprctl list",
                "nonsense                           | Unmatched argument at index 0: 'nonsense'",
                "update                             | say which VM: its name, or --qmp PATH",
                "update one --qmp /x                | give a VM's name or --qmp PATH, not both",
                "update one two                     | Unmatched argument at index 2: 'two'",
                "update one --timeout x             | Invalid value for option '--timeout': 'x' is not an int",
                "update one --timeout -1            | --timeout takes 0 to 86400 seconds, not -1",
                "update one --deadline 0            | --deadline takes 1 to 86400 seconds, not 0",
                "update one --probation 86401       | --probation takes 0 to 86400 seconds, not 86401",
                "update one --pause-budget 0        | --pause-budget takes 1 to 86400000 milliseconds, not 0",
                "update one --mode fast             | --mode 'fast' is not known; use auto, transfer, exec or reboot",
                "update one --color red             | --color 'red' is not known; use auto, always or never",
                "update one --tp x                  | Unknown options: '--tp', 'x'",
                "rollback one --mode fast           | --mode 'fast' is not known; use auto, transfer, exec or reboot",
                "rollback one --deadline 86401      | --deadline takes 1 to 86400 seconds, not 86401",
                "check                              | say which VM: its name, or --qmp PATH",
                "plan one --mode x                  | --mode 'x' is not known; use auto, transfer, exec or reboot",
                "status                             | say which VM: its name, or --qmp PATH",
                "launch                             | Missing required parameter: 'NAME'",
                "launch one                         | say what to launch: cprctl launch one -- COMMAND...",
                "launch -n x/y -- vmm               | 'x/y' cannot be a VM's name: a name has letters, digits, '.', '_'"
                        + " and '-', begins with a letter or a digit, and has at most 63 characters",
                "launch one --timeout 0 -- vmm      | --timeout takes 1 to 3600 seconds, not 0",
                "adopt one                          | Missing required option: '--qmp=PATH'",
                "forget                             | Missing required parameter: 'NAME'",
                "cancel                             | say which operation: its id, its VM's name, or --qmp PATH",
                "log one --qmp /x                   | give an operation or --qmp PATH, not both",
                "history --limit 0                  | --limit takes 1 to 10000, not 0",
                "qmp                                | say which VM: its name, or --qmp PATH",
                "qmp --qmp /x                       | say which command: one word of JSON, or a command's name",
                "qmp --qmp /x {                     | the command is not JSON",
                "qmp --qmp /x {}                    | a QMP command is an object with \"execute\" and, if it needs"
                        + " them, \"arguments\"",
                "qmp --qmp /x query;status          | 'query;status' is neither JSON nor a command's name",
                "hmp --qmp /x                       | say which command, for example: info status",
                "console                            | say which VM: its name, or --qmp PATH",
                "reboot-save                        | say which VMs, or --all",
                "reboot-save one --all              | give VMs or --all, not both",
                "reboot-restore --deadline 0        | --deadline takes 1 to 86400 seconds, not 0",
                "help nonsense                      | there is no command 'nonsense'; cprctl help lists those there"
                        + " are",
            })
    void aWrongCommandLineIsOneClearLine(String args, String message) {
        assertThat(site.run(args.isEmpty() ? new String[0] : args.split(" "))).isEqualTo(ExitStatus.USAGE.number());
        assertThat(site.out()).isEmpty();
        assertThat(site.err().lines().findFirst()).contains("cprctl: " + message);
        assertThat(site.err()).contains("--help'.");
        assertThat(site.operations.begun).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"updaet, update", "stauts, status", "hist, history", "lis, list"})
    void aWrongSubcommandSuggestsNearOnes(String wrong, String near) {
        assertThat(site.run(wrong, "one")).isEqualTo(ExitStatus.USAGE.number());
        assertThat(site.err()).contains("Did you mean: ").contains("cprctl " + near);
    }

    @Test
    void withJsonAWrongCommandLineIsADocument() {
        assertThat(site.run("update", "one", "--json", "--mode", "x")).isEqualTo(ExitStatus.USAGE.number());
        assertThat(site.out())
                .isEqualToIgnoringNewLines("{\"schema\":\"cprkit/1\",\"type\":\"error\",\"status\":\"usage\","
                        + "\"exit-status\":2,\"message\":\"--mode 'x' is not known; use auto, transfer, exec or"
                        + " reboot\"}");
        assertThat(site.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "auto, true, '', xterm, true",
        "auto, false, '', xterm, false",
        "auto, true, 1, xterm, false",
        "auto, true, '', dumb, false",
        "always, false, 1, xterm, true",
        "never, true, '', xterm, false",
    })
    void colourOnlyOnATerminalThatWantsIt(String when, boolean terminal, String noColor, String term, boolean colour) {
        site.terminal = terminal;
        site.environment.putAll(Map.of("NO_COLOR", noColor, "TERM", term));
        assertThat(site.run("status", "one", "--color", when)).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err()).contains("there is no VM named one");
        assertThat(site.err().contains("\033[")).isEqualTo(colour);
        assertThat(site.run("status", "--help", "--color", when)).isZero();
        assertThat(site.out().contains("\033[")).isEqualTo(colour);
    }

    @Test
    void theCompletionKnowsEveryCommandAndOption() {
        assertThat(site.run("completion")).isZero();
        assertThat(site.out()).startsWith("#!/usr/bin/env bash").contains("complete -F");
        for (String name : names()) {
            assertThat(site.out()).contains(name);
        }
        assertThat(site.out()).contains("--make-updatable", "--pause-budget", "--probation");
        assertThat(site.run("completion", "--json")).isZero();
        assertThat(site.out()).startsWith("{\"schema\":\"cprkit/1\",\"type\":\"completion\",\"script\":\"#!/");
    }

    @Test
    void helpAsADocument() {
        assertThat(site.run("help", "update", "--json")).isZero();
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"help\",\"command\":\"cprctl update\",")
                .contains("{\"names\":[\"--to\",\"--vmm\"],\"value\":\"BINARY\"");
    }

    @ParameterizedTest
    @CsvSource({"status", "check", "plan", "qmp", "hmp", "console", "rollback", "update"})
    void aVmThatIsNotThere(String command) {
        List<String> args = new java.util.ArrayList<>(List.of(command, "web"));
        if (command.equals("qmp") || command.equals("hmp")) {
            args.add("query-status");
        }
        assertThat(site.run(args.toArray(String[]::new))).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err())
                .isEqualToIgnoringNewLines("cprctl: there is no VM named web; cprctl list shows those that are");
        args.add("--json");
        assertThat(site.run(args.toArray(String[]::new))).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.out())
                .isEqualToIgnoringNewLines("{\"schema\":\"cprkit/1\",\"type\":\"error\",\"status\":\"unreachable\","
                        + "\"exit-status\":7,\"message\":\"there is no VM named web; cprctl list shows those that"
                        + " are\"}");
        assertThat(site.err()).isEmpty();
    }

    @Test
    void aFolderThatCannotBeTrustedIsToldAndNothingIsDone() throws Exception {
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(site.run("list")).isEqualTo(ExitStatus.NOT_AUTHORISED.number());
        assertThat(site.err()).isEqualTo("cprctl: " + run + " may be written to by all; run chmod 0700 " + run + "\n");
    }
}
