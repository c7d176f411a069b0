package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.TestRam;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are QEMU's for the same bytes at the same addresses. */
class GuestHmpTest {
    private final FakeGuest guest = new FakeGuest();
    private final HmpRegistry registry = new HmpRegistry();
    private final HmpShell shell = new HmpShell(registry);

    @TempDir
    private Path folder;

    @BeforeEach
    void fill() {
        GuestHmp.register(registry, guest);
        DebugHmp.register(registry, guest);
        guest.put(TestRam.ROM, 0x97, 2, 0, 0, 0x13, 0x86, 0x82, 2, 0x73, 0x25, 0x40, 0xf1, 0x83, 0xb5, 2, 2);
        guest.put(TestRam.START, 'c', 'p', 'r', '\'', '\\', '\n', 7, 0xff);
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "xp /4xw 0x1000 ~ 00001000: 0x00000297 0x02828613 0xf1402573 0x0202b583;",
                "xp/4xb 0x1000 ~ 00001000: 0x97 0x02 0x00 0x00;",
                "xp /4dh 0x1000 ~ 00001000:   663     0 34323   642;",
                "xp /4uw 0x1000 ~ 00001000:        663   42108435 4047512947   33731971;",
                "xp /4ob 0x1000 ~ 00001000: 0227 0  2 0  0 0  0;",
                "xp /2gx 0x1000 ~ 00001000: 0x0282861300000297 0x0202b583f1402573;",
                "xp /8cb 0x80000000 ~ 80000000: 'c' 'p' 'r' '\\'' '\\\\' '\\n' '\\x07' '\\xff';",
                "xp /2ch 0x80000000 ~ 80000000: 'c' 'p' 'r' '\\'';",
                "xp /2i 0x1000 ~ 0x00001000:  00000297          auipc                   t0,0                    #"
                        + " 0x1000;0x00001004:  02828613          addi                    a2,t0,40;",
                "xp /9xb 0x1000 ~ 00001000: 0x97 0x02 0x00 0x00 0x13 0x86 0x82 0x02;00001008: 0x73;",
                "xp /4xg 0x80001ff0 ~ 80001ff0: 0x0000000000000000 0x0000000000000000;"
                        + "80002000: Cannot access memory;",
                "xp /1xw 0 ~ 00000000: Cannot access memory;",
                "xp /0xw 0x1000 ~ ``",
                "xp /1xw 0x10000004 ~ 10000004: 0x17161514;",
                "xp /3xb 0x10000001 ~ 10000001: 0x11 0x12 0x13;",
                "x /4xb 0x40000000 ~ 0000000040000000: 0x63 0x70 0x72 0x27;",
                "x /1xw $pc ~ 0000000080000000: 0x27727063;",
                "x /1xw 0 ~ 0000000000000000: Cannot access memory;",
                "x /4xg 0x40000ff8 ~ 0000000040000ff8: Cannot access memory;",
                "x /1i 0x40000004 ~ 0x40000004:  0a5c              addi                    a5,sp,276;",
                "x /1i 0 ~ Cannot access memory at address 0x0;",
                "sum 0x1000 16 ~ 37481;",
                "sum 0 16 ~ 00000;",
                "gpa2hva 0 ~ No memory is mapped at address 0x0;",
                "gpa2hva 0x10000000 ~ Memory at address 0x10000000 is not RAM;",
                "gpa2hpa 0x10000000 ~ Memory at address 0x10000000 is not RAM;",
                "gva2gpa 0x40000123 ~ gpa: 0x80000123;",
                "gva2gpa 0x123 ~ Unmapped;",
                "cpu 0 ~ ``",
                "cpu 1 ~ invalid CPU index;",
                "info registers ~ ;CPU#0; pc            0000000000001000;",
                "info registers -a ~ ;CPU#0; pc            0000000000001000;",
                "info registers 0 ~ ;CPU#0; pc            0000000000001000;",
                "info registers 5 ~ CPU#5 not available;",
                "info mem ~ No translation or protection;",
                "i /xb 0x10 ~ portb[0x0010] = 0xff;",
                "i /xh 0x10 ~ portw[0x0010] = 0xffff;",
                "i /xw 0x10 ~ portl[0x0010] = 0xffffffff;",
                "gdbserver none ~ Disabled gdbserver;",
                "gdbserver ~ Error: there is no gdb server here;",
                "log none ~ ``",
                "one-insn-per-tb maybe ~ unexpected option maybe;",
                "one-insn-per-tb on ~ Error: one-insn-per-tb is not supported;",
                "sync-profile ~ sync-profile is off;",
                "sync-profile x ~ Error: invalid parameter 'x', expecting 'on', 'off', or 'reset';",
                "trace-event a on ~ unknown event \"a\";",
                "info stats foo ~ invalid stats target foo;",
                "info stats vm * foo ~ invalid stats provider foo;",
                "info stats vcpu ~ ``",
                "info jit ~ Accelerator settings:;one-insn-per-tb: off;;TB count            0;",
                "dumpdtb /nosuch/x ~ Error: Error saving FDT to file /nosuch/x: No such file or directory;",
                "memsave 0x123 16 \"/nosuch/x\" ~ Error: Could not open '/nosuch/x': No such file or directory;",
            })
    void answers(String line, String answer) {
        assertThat(run(line)).isEqualTo(answer.replace(';', '\n'));
    }

    @Test
    void savesMemoryAndTheDeviceTree() throws IOException {
        Path file = folder.resolve("a b");
        assertThat(run("memsave 0x40000000 4 \"" + file + "\"")).isEmpty();
        assertThat(file).hasBinaryContent(new byte[] {'c', 'p', 'r', '\''});
        assertThat(run("pmemsave 0x1000 0x1002 \"" + file + "\"")).isEmpty();
        byte[] saved = Files.readAllBytes(file);
        assertThat(saved).hasSize(0x1002).startsWith(0x97, 2, 0, 0, 0x13).endsWith(0, 0);
        assertThat(run("memsave 0x40000fff 2 \"" + file + "\""))
                .isEqualTo("Error: Invalid addr 0x0000000040000fff/size 2 specified\n");
        assertThat(run("dumpdtb " + folder.resolve("t"))).isEqualTo("DTB dumped to '" + folder.resolve("t") + "'\n");
        assertThat(folder.resolve("t")).hasBinaryContent(guest.deviceTree());
    }

    @Test
    void tellsHostAddresses() {
        String host = "0x" + Long.toHexString(guest.memory().hostAddress(0x8000_0010L, 1));
        assertThat(run("gpa2hva 0x80000010")).isEqualTo("Host virtual address for 0x80000010 (ram) is " + host + "\n");
        assertThat(run("gpa2hpa 0x80000010")).startsWith("Host physical address for 0x80000010 (ram) is 0x");
    }

    private String run(String line) {
        StringBuilder out = new StringBuilder();
        shell.run(line, out::append);
        return out.toString();
    }
}
