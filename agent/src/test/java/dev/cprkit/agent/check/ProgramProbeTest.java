package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.ProgramFacts.Release;
import dev.cprkit.agent.check.ProgramFacts.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProgramProbeTest {
    private static final Set<String> DEVICES = Set.of("virtio-net-pci", "nonesuch");

    @TempDir
    private Path folder;

    private Path program;

    @BeforeEach
    void name() {
        program = folder.resolve("qemu");
    }

    private void write(String script) throws Exception {
        Files.writeString(program, "#!/bin/sh\necho \"$*\" >> " + folder.resolve("asked") + "\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private ProgramFacts facts() {
        return new ProgramProbe().facts(List.of(program.toString()), DEVICES);
    }

    private Trouble trouble() {
        return facts().trouble().orElseThrow();
    }

    @Test
    void whatAProgramTells() throws Exception {
        write("""
            case "$*" in
            -version) echo 'QEMU emulator version 10.0.13 (Debian 1:10.0.13)'; echo 'Copyright';;
            '-machine help') echo 'Supported machines are:'; echo 'none   empty'; echo 'q35    (alias of pc-q35-10.0)';;
            '-device help') echo 'Network devices:'; echo 'name "virtio-net-pci", bus PCI';;
            esac
            """);
        ProgramFacts facts = facts();
        assertThat(facts.trouble()).isEmpty();
        assertThat(facts.release()).contains(new Release("QEMU", 10, 0, "10.0.13 (Debian 1:10.0.13)"));
        assertThat(facts.machines()).containsExactlyInAnyOrder("none", "q35");
        assertThat(facts.devices()).containsExactly("virtio-net-pci");
    }

    @Test
    void itIsAskedAgainOnlyWhenItsFileHasChanged() throws Exception {
        write("echo 'QEMU emulator version 10.0.13'\n");
        facts();
        facts();
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .filteredOn("-version"::equals)
                .hasSize(1);
        write("echo 'QEMU emulator version 11.1.3'\n#\n");
        assertThat(facts().release().orElseThrow().major()).isEqualTo(11);
    }

    @Test
    void aListOfDevicesThatFailsIsAskedForOneByOne() throws Exception {
        write("""
            case "$*" in
            -version) echo 'QEMU emulator version 11.1.3';;
            '-device help') kill -ABRT $$;;
            '-device nonesuch,help') echo "-device nonesuch,help: Device 'nonesuch' not found" >&2;;
            esac
            """);
        assertThat(facts().devices()).containsExactly("virtio-net-pci");
    }

    @Test
    void aProgramThatIsNotThere() {
        assertThat(trouble()).isEqualTo(new Trouble(Code.PROGRAM_MISSING, "there is no such file"));
    }

    @Test
    void aFolderAndAFileThatIsNoProgram() throws Exception {
        Files.writeString(program, "text");
        assertThat(trouble()).isEqualTo(new Trouble(Code.PROGRAM_NOT_EXECUTABLE, "it is not an executable file"));
        Files.delete(program);
        Files.createDirectory(program);
        assertThat(trouble()).isEqualTo(new Trouble(Code.PROGRAM_NOT_EXECUTABLE, "it is not an executable file"));
    }

    @Test
    void aProgramThatEndsWithAnError() throws Exception {
        write("echo 'libfoo.so: cannot open shared object file' >&2; exit 127\n");
        assertThat(trouble())
                .isEqualTo(new Trouble(
                        Code.PROGRAM_FAILS,
                        "it ends with exit status 127 when asked -version: libfoo.so: cannot open shared object file"));
    }

    @Test
    void aProgramThatDoesNotAnswer() throws Exception {
        write("exec tail -f /dev/null\n");
        ProgramFacts facts = new ProgramProbe(Duration.ofSeconds(1)).facts(List.of(program.toString()), Set.of());
        assertThat(facts.trouble()).contains(new Trouble(Code.PROGRAM_FAILS, "it does not answer -version within 1 s"));
    }

    @Test
    void aProgramThatPrintsWithoutEnd() throws Exception {
        write("exec yes 'QEMU emulator version 10.0.13'\n");
        ProgramFacts facts = new ProgramProbe(Duration.ofSeconds(1)).facts(List.of(program.toString()), Set.of());
        assertThat(facts.trouble()).contains(new Trouble(Code.PROGRAM_FAILS, "it does not answer -version within 1 s"));
    }

    @Test
    void whatCannotBeExecutedAtAll() throws Exception {
        Files.writeString(program, "#!/no/such/interpreter\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        assertThat(trouble().code()).isEqualTo(Code.PROGRAM_FAILS);
        assertThat(trouble().problem()).startsWith("it cannot be started (").contains("No such file or directory");
    }

    @Test
    void versions() {
        assertThat(ProgramProbe.release("QEMU emulator version 11.1.1 (cprkit 0.1.0-SNAPSHOT)\n"))
                .contains(new Release("vmm", 11, 1, "11.1.1 (cprkit 0.1.0-SNAPSHOT)"));
        assertThat(ProgramProbe.release("QEMU emulator version 12\n")).contains(new Release("QEMU", 12, 0, "12"));
        assertThat(ProgramProbe.release("QEMU emulator version x.y\n")).isEqualTo(Optional.empty());
        assertThat(ProgramProbe.release("true (GNU coreutils) 9.7\n")).isEqualTo(Optional.empty());
    }
}
