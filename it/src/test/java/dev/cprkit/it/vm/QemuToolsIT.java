package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * QEMU's own tools work with vmm: its analyser of streams, and its QMP client in Python. They are in the folder that
 * {@code CPRKIT_QEMU_TOOLS} names, or in the cache that {@code .ci/run} fills; without them or python3 this is skipped.
 */
class QemuToolsIT {
    private static final int LIMIT_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path tools;

    @BeforeEach
    void find() throws Exception {
        String named = System.getenv("CPRKIT_QEMU_TOOLS");
        tools = named != null ? Path.of(named) : Path.of(System.getProperty("user.home"), ".cache/cprkit/qemu/tools");
        assumeTrue(
                Files.isReadable(tools.resolve("scripts/analyze-migration.py")),
                "QEMU's tools are not in " + tools + "; .ci/run gets them");
        assumeTrue(runs(List.of("python3", "-c", "import asyncio, typing")), "there is no python3");
    }

    private static boolean runs(List<String> command) throws Exception {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What a python program prints. */
    private String python(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(arguments);
        Path out = folder.resolve("python.out");
        Path complaints = folder.resolve("python.err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(complaints.toFile());
        builder.environment().put("PYTHONPATH", tools.resolve("python").toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("it does not end: " + command);
        }
        assertThat(process.exitValue()).as(Files.readString(complaints)).isZero();
        return Files.readString(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "cpr-reboot"})
    void itsAnalyserReadsAWholeStream(String mode) throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        Path state = folder.resolve("state");
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            vm.execute("migrate-set-parameters", "{'mode':'" + mode + "'}");
            vm.execute("migrate", "{'uri':'file:" + state + "'}");
            vm.awaitMigration("completed");
        }
        JsonNode read = JSON.readTree(
                python(List.of(tools.resolve("scripts/analyze-migration.py").toString(), "-f", state.toString())));
        assertThat(read.get("ram (1)").get("section sizes").get("ram0").asText())
                .isEqualTo("0x0000000004000000");
        assertThat(read.get("cpu (2)").get("x")).hasSize(32);
        assertThat(read.toString()).contains("\"runstate\"").contains("goldfish_rtc");
    }

    @Test
    void itsClientDrivesIt() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            vm.qmp(); // so that somebody listens; QMP takes one client after another
            vm.qmp().close();
            String printed = python(List.of("-c", """
                import asyncio, sys
                from qemu.qmp import QMPClient, ExecuteError

                async def main():
                    client = QMPClient('cprkit')
                    await client.connect(sys.argv[1])
                    print((await client.execute('query-status'))['status'])
                    try:
                        await client.execute('nonsense')
                    except ExecuteError as error:
                        print(error)
                    with client.listener('STOP') as stopped:
                        await client.execute('stop')
                        print((await stopped.get())['event'])
                    await client.execute('quit')
                    await client.disconnect()

                asyncio.run(main())
                """, vm.qmpPath().toString()));
            assertThat(printed.lines()).containsExactly("running", "The command nonsense has not been found", "STOP");
            assertThat(vm.awaitExit()).isZero();
        }
    }
}
