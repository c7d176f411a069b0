package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.argv.CommandLineRewrite;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandChangeTest {
    private static List<CommandChange> changes(String... old) {
        CommandLineRewrite rewrite = new CommandLineRewrite(Map.of("q35", "pc-q35-10.2"), "/run/cpr");
        List<String> arguments = List.of(old);
        return CommandChange.between(arguments, rewrite.rewrite(arguments).arguments());
    }

    /** {@code +} for what comes, {@code -} for what goes, {@code ~} for what changes, {@code =} for what stays. */
    private static List<String> signs(List<CommandChange> changes) {
        return changes.stream()
                .map(change -> {
                    String sign =
                            change.old().isEmpty() ? "+" : change.next().isEmpty() ? "-" : change.changes() ? "~" : "=";
                    List<String> words = change.next().isEmpty() ? change.old() : change.next();
                    return sign + words.getFirst();
                })
                .toList();
    }

    @Test
    void everyKindOfChange() {
        List<CommandChange> changes = changes(
                "-M",
                "q35",
                "-m",
                "64M",
                "-S",
                "-incoming",
                "tcp::4",
                "-serial",
                "file:/log",
                "-daemonize",
                "-qmp",
                "unix:/run/qmp,server=on",
                "disk.img");
        assertThat(signs(changes))
                .containsExactly(
                        "~-M",
                        "=-m",
                        "--S",
                        "--incoming",
                        "+-chardev",
                        "~-serial",
                        "--daemonize",
                        "~-qmp",
                        "=disk.img",
                        "+-incoming",
                        "+-incoming");
        assertThat(changes)
                .allSatisfy(change -> assertThat(change.reason().isEmpty()).isEqualTo(!change.changes()));
        assertThat(changes.getFirst().next()).containsExactly("-M", "pc-q35-10.2");
    }

    @Test
    void wordByWordItIsTheNewCommandLine() {
        List<String> old = List.of("-S", "-S", "-incoming", "defer", "-m", "1G", "-incoming", "defer", "-loadvm", "x");
        List<String> next =
                new CommandLineRewrite(Map.of(), "/run/cpr").rewrite(old).arguments();
        List<CommandChange> changes = CommandChange.between(old, next);
        assertThat(changes.stream().flatMap(c -> c.next().stream())).containsExactlyElementsOf(next);
        assertThat(changes.stream().flatMap(c -> c.old().stream())).containsExactlyElementsOf(old);
    }
}
