package dev.cprkit.it.vm;

import dev.cprkit.proto.client.QmpClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command that runs the classes under test, on the JVM that runs the test. Each test starts some of them, so the
 * first records how the emulator starts, once per build, and all later ones start from that in a third of the time.
 *
 * <p>It does not warm up before a guest comes in, and the JVM compiles once and not too well: most processes of these tests
 * live for some seconds, and would spend four times the processor time on being ready for months.
 */
final class VmCommand {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private VmCommand() {}

    /** The command with these options. */
    static List<String> of(List<String> options) {
        return command(Recorded.OPTIONS, options);
    }

    /** The command of another build: classes in a folder come before those under test. */
    static List<String> of(Path classes, List<String> options) {
        return command(List.of(), classes + File.pathSeparator, options);
    }

    private static List<String> command(List<String> more, List<String> options) {
        return command(more, "", options);
    }

    private static List<String> command(List<String> more, String classes, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dcprkit.rehearsal.ms=0",
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "-Xlog:aot*=off",
                "-Xlog:cds*=off"));
        command.addAll(more);
        command.addAll(List.of("-cp", classes + String.join(File.pathSeparator, classPath()), "dev.cprkit.vmm.Main"));
        command.addAll(options);
        return command;
    }

    /** The classes under test and what they use. */
    static List<String> classPath() {
        List<String> parts = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (part.contains("common-proto") || part.contains("vmm") || part.contains("jackson-core")) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Made at the first use. */
    private static final class Recorded {
        static final List<String> OPTIONS = StartRecording.options("vmm", classPath(), Recorded::record);

        private static void record(String option) throws Exception {
            Path folder = Files.createTempDirectory("vmm-record");
            Path qmp = folder.resolve("qmp");
            List<String> options = new ArrayList<>(BareGuest.machine());
            options.addAll(List.of("-kernel", BareGuest.image().toString(), "-serial", "null"));
            options.addAll(List.of("-qmp", "unix:" + qmp + ",server=on,wait=off"));
            Process process = new ProcessBuilder(command(List.of(option), options))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out").toFile())
                    .start();
            try {
                Await.until(LIMIT, () -> "a QMP socket", () -> VmProcess.isListening(qmp) || !process.isAlive());
                try (QmpClient client = QmpClient.open(qmp, LIMIT)) {
                    client.negotiate(LIMIT);
                    client.execute("quit", LIMIT);
                }
                process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                delete(folder);
            }
        }

        private static void delete(Path folder) throws IOException {
            for (String name : List.of("qmp", "out")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }
}
