package dev.cprkit.it.man;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.cprctl.Main;
import dev.cprkit.cprctl.daemon.AgentMain;
import dev.cprkit.vmm.cli.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The generated pages are what the programs declare now; with {@code -Dcprkit.man=write} they are written anew. */
class ManPagesTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("cprkit.root", "..")).resolve("man");
    private static final String VERSION = "0.1.0";

    @Test
    void everyGeneratedPageIsWhatItsProgramDeclares() throws Exception {
        Map<String, String> pages = pages();
        if (System.getProperty("cprkit.man", "").equals("write")) {
            for (Map.Entry<String, String> page : pages.entrySet()) {
                Files.writeString(FOLDER.resolve(page.getKey()), page.getValue());
            }
        }
        for (Map.Entry<String, String> page : pages.entrySet()) {
            assertThat(FOLDER.resolve(page.getKey()))
                    .as("write it with -Dcprkit.man=write -Dtest=ManPagesTest")
                    .content()
                    .isEqualTo(page.getValue());
        }
    }

    @Test
    void theFormatterWarnsOfNoPage() throws Exception {
        Path groff = Path.of("/usr/bin/groff");
        assumeTrue(Files.isExecutable(groff), "needs groff");
        List<String> command = new ArrayList<>(List.of(groff.toString(), "-man", "-ww", "-Tutf8", "-z"));
        try (var files = Files.list(FOLDER)) {
            files.filter(Files::isRegularFile).map(Path::toString).sorted().forEach(command::add);
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static Map<String, String> pages() throws Exception {
        Map<String, String> pages = new TreeMap<>();
        CommandSpec cprctl = Main.declaration().getCommandSpec();
        List<String> all = new ArrayList<>();
        for (CommandLine sub : cprctl.subcommands().values()) {
            if (!sub.getCommandSpec().usageMessage().hidden()) {
                add(pages, new CommandPage(sub.getCommandSpec(), 1, VERSION), List.of("cprctl(1)", "cpr(7)"));
                all.add(sub.getCommandSpec().qualifiedName("-") + "(1)");
            }
        }
        all.addAll(List.of("cpr(7)", "vmm(1)", "cpr-agent(8)"));
        add(pages, new CommandPage(cprctl, 1, VERSION), all);
        add(
                pages,
                new CommandPage(AgentMain.commandLine().getCommandSpec(), 8, VERSION),
                List.of("cprkit-agent.conf(5)", "cprkit-fleet(7)", "cprctl(1)", "cpr(7)"));
        pages.put("vmm.1", VmmPage.text(help(), more("vmm.1"), VERSION, List.of("cpr(7)", "cprctl(1)")));
        return pages;
    }

    private static void add(Map<String, String> pages, CommandPage page, List<String> seeAlso) throws IOException {
        pages.put(page.file(), page.text(more(page.file()), seeAlso));
    }

    /** Sections that people write, which stand in the generated page. */
    private static String more(String file) throws IOException {
        Path more = FOLDER.resolve("more").resolve(file);
        return Files.exists(more) ? Files.readString(more) : "";
    }

    private static String help() throws Exception {
        return dev.cprkit.vmm.cli.CommandLine.parse(List.of("-help"), "") instanceof Invocation.Print(String text)
                ? text.substring(1)
                : "";
    }
}
