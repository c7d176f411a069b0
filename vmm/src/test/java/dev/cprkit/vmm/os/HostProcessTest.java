package dev.cprkit.vmm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HostProcessTest {
    @Test
    void knowsItself() throws Exception {
        ProcessHandle self = ProcessHandle.current();
        assertThat((long) HostProcess.pid()).isEqualTo(self.pid());
        assertThat((long) HostProcess.parentPid())
                .isEqualTo(self.parent().orElseThrow().pid());
        assertThat(Path.of("/proc/self/task/" + HostProcess.threadId())).exists();
    }

    @Test
    void namesTheProcess() throws Exception {
        Path comm = Path.of("/proc/self/comm");
        String before = Files.readString(comm).trim();
        HostProcess.name("guest of some name");
        assertThat(comm).hasContent("guest of some n\n");
        HostProcess.name(before);
    }

    /** A shell starts the process and ends; that must end the process too. */
    @Test
    void endsWithItsParent() throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process shell = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "\"$@\" & read line",
                        "sh",
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndingWithParent.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        StringBuilder pid = new StringBuilder();
        for (int c = shell.getInputStream().read();
                c != '\n';
                c = shell.getInputStream().read()) {
            assertThat(c).isNotNegative();
            pid.append((char) c);
        }
        ProcessHandle child = ProcessHandle.of(Long.parseLong(pid.toString())).orElseThrow();
        try {
            shell.getOutputStream().write("end\n".getBytes(StandardCharsets.US_ASCII));
            shell.getOutputStream().close();
            assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
            child.onExit().get(30, TimeUnit.SECONDS);
        } finally {
            child.destroyForcibly();
        }
    }
}
