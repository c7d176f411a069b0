package dev.cprkit.agent.argv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/usr/bin/qemu-system-riscv64            | qemu-system-riscv64 -M virt   |"
                        + " /usr/bin/qemu-system-riscv64",
                "/usr/bin/qemu-system-riscv64 (deleted)  | qemu-system-riscv64 -M virt   |"
                        + " /usr/bin/qemu-system-riscv64",
                "/lib/ld-linux-x86-64.so.2 | ld --library-path /l /q -M virt | /lib/ld-linux-x86-64.so.2"
                        + " --library-path /l /q",
                "/j/bin/java | java -Xmx1g -Dcprkit.launcher=/o/bin/vmm -cp a:b dev.cprkit.vmm.Main -M virt |"
                        + " /o/bin/vmm",
                "/j/bin/java | /j/bin/java -cp a:b dev.cprkit.vmm.Main -M virt | /j/bin/java -cp a:b"
                        + " dev.cprkit.vmm.Main",
                "/j/bin/java | java --enable-native-access=X -XX:+U -jar vmm.jar -M virt"
                        + "| /j/bin/java --enable-native-access=X -XX:+U -jar vmm.jar",
                "/j/bin/java | java @/opts --class-path x -m m/dev.Main -M virt"
                        + "| /j/bin/java @/opts --class-path x -m m/dev.Main",
            })
    void programAndArguments(String executable, String commandLine, String words) {
        Program program = Program.of(List.of(commandLine.split(" ")), Path.of(executable));
        assertThat(String.join(" ", program.words())).isEqualTo(words);
        assertThat(program.arguments()).containsExactly("-M", "virt");
        assertThat(program.replacedBy(Path.of("/new"))).isEqualTo(new Program(List.of("/new"), List.of("-M", "virt")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"/j/java | java", "/j/java | java -cp", "/lib/ld-linux.so | ld --library-path", "/q | q"})
    void shortCommandLinesAreNoTrouble(String executable, String commandLine) {
        Program program = Program.of(List.of(commandLine.split(" ")), Path.of(executable));
        assertThat(program.words()).isNotEmpty();
        assertThat(program.arguments()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/usr/bin/q | /usr/bin/q | /usr/bin/q",
                "/l/ld.so --argv0 /w/q --library-path /a:/b=c /t/q | /t/q | /l/ld.so /w/q /a /b=c /t/q",
                "/j/bin/java -Dx=/y @/opts -cp a.jar:/b.jar Main | /j/bin/java | /j/bin/java /y /opts /b.jar",
            })
    void whatIsRunWithIt(String words, String file, String parts) {
        Program program = new Program(List.of(words.split(" ")), List.of());
        assertThat(program.file()).isEqualTo(Path.of(file));
        assertThat(program.parts().stream().map(Path::toString)).containsExactly(parts.split(" "));
    }
}
