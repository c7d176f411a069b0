package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StdioChardevTest {
    private static final int O_NONBLOCK = 04000;
    private static final String READY = "ready.";

    @TempDir
    private Path folder;

    @Test
    void echoesThroughPipesWithoutMakingThemNonBlocking() throws Exception {
        Process process =
                new ProcessBuilder(program()).redirectErrorStream(true).start();
        try {
            process.getOutputStream().write("ping\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            assertThat(process.getInputStream().readNBytes(11)).asString().isEqualTo("ready.ping\n");
            for (int fd = 0; fd <= 1; fd++) {
                assertThat(flags(process.pid(), fd) & O_NONBLOCK)
                        .as("O_NONBLOCK of %d", fd)
                        .isZero();
            }
            process.getOutputStream().close();
            assertThat(process.getInputStream().readAllBytes()).asString().isEmpty();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void keepsThePositionOfRegularFiles() throws Exception {
        Path in = Files.writeString(folder.resolve("in"), "text");
        Path out = Files.writeString(folder.resolve("out"), "before ");
        Process process = new ProcessBuilder(program())
                .redirectInput(in.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(out).hasContent("before ready.text");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /**
     * script(1) gives the program a terminal. Ctrl-D, which would end the input of a terminal that is not raw, comes back
     * as it is; then a signal ends the program, and its terminal must be as it was.
     */
    @Test
    void makesATerminalRawAndRestoresIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) is not installed");
        // A shell that was started in the background ignores SIGINT, and so do its children unless they are told.
        String command = "trap : INT; stty -g >before; env --default-signal=INT " + String.join(" ", program())
                + "; stty -g >after";
        Process process = new ProcessBuilder("/usr/bin/script", "-q", "-c", command, "/dev/null")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.getInputStream().readNBytes(READY.length()))
                    .asString()
                    .isEqualTo(READY);
            process.getOutputStream().write("k\u0004".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            assertThat(process.getInputStream().readNBytes(2)).asString().isEqualTo("k\u0004");
            process.getOutputStream().write(3); // Ctrl-C raises SIGINT, because signals are on
            process.getOutputStream().flush();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    private static List<String> program() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path").replace(" ", File.pathSeparator));
        command.add(StdioProgram.class.getName());
        return command;
    }

    private static int flags(long pid, int fd) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/" + fd))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).strip(), 8);
            }
        }
        throw new IllegalStateException("no flags in fdinfo");
    }
}
