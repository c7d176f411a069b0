package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cprkit.it.cprctl.QemuUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A next program that cannot go on with the guest is found out before a cpr-exec, while the guest runs. */
@Timeout(120)
class ExecCheckIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void whateverWouldLoseTheGuestIsRefusedWhileItRuns() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            String same = String.join(" ", BareGuest.machine());
            TreeMap<String, Long> before = files();
            refused(vm, same.replace("64M", "128M"), "guest memory 'ram0' has 0x4000000 bytes, and 0x8000000 there");
            refused(vm, same.replace("ram0", "other"), "guest memory 'ram0' does not exist there");
            refused(vm, same.replace("size=64M", "size=64M,share=off"), "guest memory 'ram0' is private there");
            refused(
                    vm,
                    same + " -object memory-backend-memfd,id=more,size=4M",
                    "no descriptor for guest memory 'more' would come in");
            refused(vm, same.replace("aux-ram-share=on,", ""), "guest memory 'riscv_virt_board.mrom' is private there");
            refused(
                    vm,
                    same.replace("memory-backend-memfd,", "memory-backend-file,share=on,mem-path=/no/such/file,"),
                    "can't open backing store /no/such/file for guest RAM: No such file or directory");
            refused(vm, same + " -kernel /no/such/kernel", "/no/such/kernel");
            refused(vm, same + " -no-such-option", "-no-such-option: invalid option");
            assertThat(files()).as("files that the check left alone").isEqualTo(before);
            assertThat(vm.events()).doesNotContain("STOP");
            assertThat(vm.status()).isEqualTo("running");
            guest.awaitCount(guest.count() + 2);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
            assertThat(children(vm)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /bin/true                      | ended with status 0
        /bin/false                     | ended with status 1
        /bin/sh -c 'echo a; echo b >&2; exit 3' sh | ended with status 3: b
        """)
    void aProgramThatIsNoneIsNotGivenTheGuest(String command, String reason) throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            List<String> words = new ArrayList<>();
            for (String part : command.split("'", -1)) {
                words.addAll(
                        words.size() == 2 ? List.of(part) : List.of(part.strip().split(" ", -1)));
            }
            words.addAll(List.of("-incoming", "defer"));
            exec(vm, words);
            vm.awaitMigration("failed");
            assertThat(vm.execute("query-migrate").get("error-desc").asText()).endsWith(reason);
            assertThat(vm.events()).doesNotContain("STOP");
            guest.awaitCount(guest.count() + 1);
        }
    }

    /** The other program is a real QEMU, which knows no such question: it ends before it touches anything. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQemuIsNotHarmedByTheQuestionNorDoesItHarm(boolean newest) throws Exception {
        Optional<Path> qemu = newest ? QemuUnderTest.newest() : QemuUnderTest.find();
        assumeTrue(qemu.isPresent(), newest ? QemuUnderTest.newestReason() : QemuUnderTest.reason());
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            TreeMap<String, Long> before = files();
            List<String> command = new ArrayList<>(List.of(qemu.get().toString()));
            command.addAll(BareGuest.machine());
            command.addAll(List.of("-incoming", "defer", "-qmp", "unix:" + vm.qmpPath() + ",server=on,wait=off"));
            command.addAll(List.of("-pidfile", folder.resolve("pid").toString(), "-x-cpr-check"));
            Process asked =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try {
                assertThat(asked.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("-x-cpr-check: invalid option");
                assertThat(asked.exitValue()).isEqualTo(1);
            } finally {
                asked.destroyForcibly().waitFor();
            }
            assertThat(files()).isEqualTo(before);
            assertThat(vm.status()).isEqualTo("running");
        }
    }

    @Test
    void aManifestThatIsNoneIsSaidToBeNone() throws Exception {
        for (String input : List.of("", "hello, this is no manifest", "CPRK\0\0\0\1\1")) {
            Path file = Files.writeString(folder.resolve("input"), input);
            List<String> command = new ArrayList<>(VmProcess.command(BareGuest.machine()));
            command.add("-x-cpr-check");
            Process asked = new ProcessBuilder(command)
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(asked.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("cpr-check: ")
                        .containsAnyOf("this is none", "cannot be read")
                        .hasLineCount(1);
                assertThat(asked.exitValue()).isEqualTo(1);
            } finally {
                asked.destroyForcibly().waitFor();
            }
        }
    }

    private void refused(VmProcess vm, String machine, String reason) throws Exception {
        List<String> options = new ArrayList<>(List.of(machine.split(" ", -1)));
        if (!machine.contains("-kernel")) {
            options.addAll(List.of("-kernel", BareGuest.image().toString()));
        }
        options.addAll(List.of(
                "-chardev",
                "file,id=console,path=" + folder.resolve("console"),
                "-serial",
                "chardev:console",
                "-pidfile",
                folder.resolve("pid").toString(),
                "-incoming",
                "file:" + folder.resolve("state"),
                "-qmp",
                "unix:" + vm.qmpPath() + ",server=on,wait=off"));
        exec(vm, VmProcess.command(options));
        vm.awaitMigration("failed");
        assertThat(vm.execute("query-migrate").get("error-desc").asText())
                .startsWith("the next program, ")
                .contains(reason);
    }

    private void exec(VmProcess vm, List<String> command) throws Exception {
        vm.execute(
                "migrate-set-parameters",
                "{'mode':'cpr-exec','cpr-exec-command':" + JSON.writeValueAsString(command) + "}");
        vm.execute("migrate", "{'uri':'file:" + folder.resolve("state") + "'}");
    }

    /** What is in the folder, and how large it is; the console grows. */
    private TreeMap<String, Long> files() throws IOException {
        TreeMap<String, Long> files = new TreeMap<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                boolean console = entry.endsWith("console");
                assertThat(!console || Files.size(entry) > 0).isTrue();
                files.put(entry.getFileName().toString(), console ? 0 : Files.size(entry));
            }
        }
        return files;
    }

    private static List<ProcessHandle> children(VmProcess vm) {
        return ProcessHandle.of(vm.pid()).orElseThrow().children().toList();
    }
}
