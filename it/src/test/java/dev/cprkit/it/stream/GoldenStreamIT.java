package dev.cprkit.it.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.it.cprctl.QemuUnderTest;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.it.vm.VmProcess;
import dev.cprkit.proto.os.Fds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The streams that were recorded once, in {@code src/test/resources}: they are still sent so, still accepted, and say
 * what the reference says. {@code -Dcprkit.golden=write} records them anew, when what a machine sends has changed.
 */
@Timeout(120)
class GoldenStreamIT {
    private static final Path FILES = Path.of(System.getProperty("cprkit.root", ".."))
            .resolve("it/src/test/resources/dev/cprkit/it/stream")
            .toAbsolutePath()
            .normalize();

    private static final boolean WRITE = System.getProperty("cprkit.golden", "").equals("write");

    private static final String AGAIN = "if the change is meant, record anew with -Dcprkit.golden=write";

    private static final String MACHINE =
            "machine virt with 32 MiB in a memfd, aux-ram-share=on, at power-on (-S), no firmware, the bare-metal"
                    + " guest";

    @TempDir
    private Path folder;

    @Test
    void vmmStillSendsWhatItSent() throws Exception {
        check("vmm", VmProcess.command(List.of()));
    }

    @Test
    void qemuStillSendsWhatItSent() throws Exception {
        Optional<Path> qemu = QemuUnderTest.newest();
        assumeTrue(qemu.isPresent(), QemuUnderTest::newestReason);
        Path program = qemu.orElseThrow();
        assumeTrue(WRITE || QemuUnderTest.major(program) == 11, "the recording is of QEMU 11.1");
        check("qemu-11.1", List.of(program.toString()));
    }

    @Test
    void vmmStillTakesWhatItSent() throws Exception {
        byte[] cpr = Golden.read(file("vmm", "cpr-state")).bytes();
        byte[] main = Golden.read(file("vmm", "main")).bytes();
        List<String> program = VmProcess.command(List.of());
        try (Recording live = record(program);
                VmProcess next = start(
                        program,
                        "new",
                        "-incoming",
                        "unix:" + path("main"),
                        "-incoming",
                        "cpr,addr.transport=socket,addr.type=unix,addr.path=" + path("cpr"))) {
            Map<Integer, Integer> descriptors = new TreeMap<>();
            CprStateStream now = CprStateStream.of(live.cpr(), CprStateStream.Form.ATTACHED);
            for (CprStateStream.Entry entry :
                    CprStateStream.of(cpr, CprStateStream.Form.ATTACHED).entries()) {
                descriptors.put(
                        entry.at(),
                        live.descriptors().get(now.entry(entry.name()).at()));
            }
            // The record of ownership belongs to the process that made it.
            Recording golden = new Recording(cpr, descriptors, main).without("cprkit.owner");
            awaitListener(next, path("cpr"));
            int cprFd = ReplayingSource.sendState(path("cpr"), golden);
            awaitListener(next, path("main"));
            int mainFd = ReplayingSource.sendMain(path("main"), golden.main());
            next.awaitMigration("completed");
            assertThat(next.status()).isEqualTo("prelaunch");
            Fds.close(cprFd);
            Fds.close(mainFd);
        }
    }

    @Test
    void theRecordingsSayWhatTheReferenceSays() throws Exception {
        for (String name : List.of("vmm", "qemu-11.1")) {
            CprStateStream state =
                    CprStateStream.of(Golden.read(file(name, "cpr-state")).bytes(), CprStateStream.Form.ATTACHED);
            assertThat(state.entry("ram0").id()).isZero();
            assertThat(state.subsections()).containsExactly("CprState/vfio devices");
            MainStream stream = MainStream.of(Golden.read(file(name, "main")).bytes());
            assertThat(stream.machine()).isEqualTo("virt");
            assertThat(stream.ram().block("ram0").size()).isEqualTo(32 << 20);
            assertThat(stream.ram().pages()).isEmpty();
            assertThat(stream.outline())
                    .containsSubsequence("START ram 0", "COMMAND 11", "END ram 0", "FULL cpu 0", "FULL globalstate 0");
            assertThat(stream.description().orElseThrow().path("page_size").asInt())
                    .isEqualTo(4096);
        }
    }

    private void check(String name, List<String> program) throws Exception {
        byte[] cpr;
        byte[] main;
        try (Recording recording = record(program)) {
            cpr = recording.cpr();
            main = recording.main();
        }
        if (WRITE) {
            try (Recording another = record(program)) {
                write(name, cpr, main, another);
            }
        }
        Golden state = Golden.read(file(name, "cpr-state"));
        if (name.equals("vmm")) {
            assertThat(state.differences(cpr)).as(AGAIN).isEmpty();
        } else { // it sends its list in the order of a hash table
            assertThat(names(cpr)).containsExactlyInAnyOrderElementsOf(names(state.bytes()));
        }
        assertThat(Golden.read(file(name, "main")).differences(main)).as(AGAIN).isEmpty();
    }

    private static List<String> names(byte[] cpr) {
        return CprStateStream.of(cpr, CprStateStream.Form.ATTACHED).entries().stream()
                .map(CprStateStream.Entry::name)
                .toList();
    }

    private static void write(String name, byte[] cpr, byte[] main, Recording another) throws Exception {
        Files.createDirectories(FILES);
        StreamBytes state = new StreamBytes(cpr);
        CprStateStream.of(state, CprStateStream.Form.ATTACHED);
        Golden.of(cpr, another.cpr(), state.marks())
                .write(file(name, "cpr-state"), "CPR state as " + name + " sends it: " + MACHINE);
        StreamBytes stream = new StreamBytes(main);
        new MainStreamDecoder(main, stream).decode();
        Golden.of(main, another.main(), stream.marks())
                .write(file(name, "main"), "Main stream as " + name + " sends it: " + MACHINE);
    }

    private static Path file(String name, String what) {
        return FILES.resolve(name + "-" + what + ".txt");
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private Recording record(List<String> program) throws Exception {
        try (VmProcess old = start(program, "old", "-S")) {
            old.execute("migrate-set-parameters", "{'mode':'cpr-transfer'}");
            String unix = "'addr':{'transport':'socket','type':'unix','path':'";
            return RecordingTarget.record(
                    path("cpr"),
                    path("main"),
                    () -> old.execute(
                            "migrate",
                            "{'channels':[{'channel-type':'main'," + unix + path("main") + "'}},{'channel-type':'cpr',"
                                    + unix + path("cpr") + "'}}]}"));
        } finally {
            Files.deleteIfExists(path("old.qmp"));
        }
    }

    private VmProcess start(List<String> program, String name, String... more) throws Exception {
        List<String> options = new ArrayList<>(BareGuest.machine("32M"));
        options.addAll(List.of("-bios", "none", "-kernel", BareGuest.image().toString(), "-serial", "null"));
        options.addAll(List.of(more));
        return VmProcess.start(program, folder, name, options);
    }

    private static void awaitListener(VmProcess process, Path path) throws Exception {
        Await.until(
                VmProcess.LIMIT,
                () -> path + "; it printed: " + process.output(),
                () -> VmProcess.isListening(path) || !process.isAlive());
    }
}
