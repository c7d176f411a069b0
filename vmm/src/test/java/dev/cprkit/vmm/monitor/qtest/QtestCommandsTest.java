package dev.cprkit.vmm.monitor.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QtestCommandsTest {
    private final Arena arena = Arena.ofConfined();
    private final GuestMemory memory = new GuestMemory();
    private final StringBuilder device = new StringBuilder();
    private final QtestCommands commands = new QtestCommands(memory);

    QtestCommandsTest() {
        MemorySegment ram = arena.allocate(8192, 4096);
        memory.addRam(0x8000_0000L, new RamBlock("ram", ram.address(), 8192, -1, false, false, "aux"));
        memory.addMmio(0x1000, 0x100, "device", new MmioRegion() {
            @Override
            public long read(long offset, int size) {
                return 0x1122_3344_5566_7788L >>> 8 * offset & (size == 8 ? -1L : (1L << 8 * size) - 1);
            }

            @Override
            public void write(long offset, int size, long value) {
                device.append(offset).append('/').append(size).append('=').append(Long.toHexString(value));
            }
        });
    }

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void readsAndWritesRam() {
        assertThat(commands.run("endianness")).isEqualTo("OK little");
        assertThat(commands.run("writel 0x80000000 0x12345678")).isEqualTo("OK");
        assertThat(commands.run("readl 0x80000000")).isEqualTo("OK 0x0000000012345678");
        assertThat(commands.run("readb 2147483649")).isEqualTo("OK 0x0000000000000056");
        assertThat(commands.run("read 0x80000000 0x5")).isEqualTo("OK 0x7856341200");
        assertThat(commands.run("write 0x80000010 0x4 0xaabb")).isEqualTo("OK");
        assertThat(commands.run("readq 0x80000010")).isEqualTo("OK 0x000000000000bbaa");
        assertThat(commands.run("memset 0x80000020 0x3 0xff")).isEqualTo("OK");
        assertThat(commands.run("read 0x80000020 0x4")).isEqualTo("OK 0xffffff00");
        assertThat(commands.run("b64write 0x80000030 0x2 aGk=")).isEqualTo("OK");
        assertThat(commands.run("b64read 0x80000030 0x2")).isEqualTo("OK aGk=");
    }

    @Test
    void reachesDeviceRegistersByOneAccess() {
        assertThat(commands.run("readw 0x1002")).isEqualTo("OK 0x0000000000005566");
        assertThat(commands.run("readq 0x1000")).isEqualTo("OK 0x1122334455667788");
        assertThat(commands.run("writeb 0x1004 0xee")).isEqualTo("OK");
        assertThat(device).hasToString("4/1=ee");
        assertThat(commands.run("readl 0x9000")).isEqualTo("OK 0x0000000000000000");
    }

    @Test
    void answersMistakes() {
        assertThat(commands.run("warp 1")).isEqualTo("FAIL Unknown command 'warp'");
        assertThat(commands.run("")).startsWith("FAIL");
        assertThat(commands.run("readb")).isEqualTo("ERR readb: argument 1 is missing");
        assertThat(commands.run("readb here")).isEqualTo("ERR readb: 'here' is not a number");
        assertThat(commands.run("read 0x80000000 0")).startsWith("ERR read: the size");
        assertThat(commands.run("write 0x80000000 1 zz")).startsWith("ERR write: the data");
        assertThat(commands.run("write 0x80000000 1 0xzz")).startsWith("ERR write: ");
        assertThat(commands.run("b64write 0x80000000 1 !")).startsWith("ERR b64write: ");
    }
}
