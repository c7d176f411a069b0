package dev.cprkit.it.cprctl;

import dev.cprkit.it.vm.StartRecording;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code cprctl} and {@code cpr-agent} of the classes under test, started from a recording as an installation does. */
public final class CprctlUnderTest {
    private static final Path OWN = Path.of(System.getProperty("cprkit.root", ".."), "it")
            .toAbsolutePath()
            .normalize();

    private CprctlUnderTest() {}

    /** The command that is {@code cprctl}. */
    public static List<String> command() {
        return java(Recorded.OPTIONS, "dev.cprkit.cprctl.Main");
    }

    /** The command that is {@code cpr-agent}. */
    public static List<String> agent() {
        return java(Recorded.OPTIONS, "dev.cprkit.cprctl.daemon.AgentMain");
    }

    private static List<String> java(List<String> more, String main) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Xlog:aot*=off",
                "-Xlog:cds*=off"));
        command.addAll(more);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, jars()), main));
        return command;
    }

    /** The class path under test without the tests' own classes, which lie in folders. */
    private static List<String> jars() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(part -> !Path.of(part).startsWith(OWN))
                .toList();
    }

    /** Made at the first use: an update of a VM is most of what is done in these tests. */
    private static final class Recorded {
        static final List<String> OPTIONS = StartRecording.options("cprctl", jars(), Recorded::record);

        private static void record(String option) throws Exception {
            Path folder = Files.createTempDirectory("cprctl-record");
            try (RunningVm vm = RunningVm.start(VmmUnderTest.launcher(folder), folder)) {
                List<String> command = java(List.of(option), "dev.cprkit.cprctl.Main");
                command.addAll(List.of("update", "--json", "--no-agent", "--mode", "transfer"));
                command.addAll(List.of("--qmp", vm.qmp().toString()));
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile());
                builder.environment()
                        .put("CPRKIT_RUNTIME_DIR", folder.resolve("run").toString());
                builder.environment()
                        .put("CPRKIT_STATE_DIR", folder.resolve("state").toString());
                Process process = builder.start();
                try {
                    process.waitFor(90, TimeUnit.SECONDS);
                } finally {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                }
            } finally {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }
}
