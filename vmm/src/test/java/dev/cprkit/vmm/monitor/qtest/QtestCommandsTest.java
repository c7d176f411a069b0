package dev.cprkit.vmm.monitor.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.run.VmClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QtestCommandsTest {
    private final Arena arena = Arena.ofConfined();
    private final GuestMemory memory = new GuestMemory();
    private final StringBuilder device = new StringBuilder();
    private final VmClock clock = new VmClock(() -> {});
    private final Plic plic = new Plic(Plic.SOURCES, List.of(high -> {}, high -> {}));
    private final List<String> interrupts = new ArrayList<>();
    private final QtestCommands commands = new QtestCommands(
            new QtestBoard(memory, clock, new QtestBoard.Devices() {
                @Override
                public boolean exists(String path) {
                    return List.of("/plic", "/uart").contains(path);
                }

                @Override
                public Optional<IrqWires> wires(String path) {
                    return path.equals("/plic") ? Optional.of(plic) : Optional.empty();
                }
            }),
            interrupts::add);

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
    void readsNumbersAsC() {
        assertThat(commands.run("writeb 020000000000 0x5a")).isEqualTo("OK");
        assertThat(commands.run("readb 0X80000000")).isEqualTo("OK 0x000000000000005a");
        assertThat(commands.run("writel 0x80000000 -2\r")).isEqualTo("OK");
        assertThat(commands.run("readq 0x80000000")).isEqualTo("OK 0x00000000fffffffe");
        assertThat(commands.run("readb -1")).isEqualTo("OK 0x0000000000000000");
    }

    @Test
    void writesOnlyWhatBase64Gives() {
        assertThat(commands.run("memset 0x80000000 4 0x11")).isEqualTo("OK");
        assertThat(commands.run("b64write 0x80000000 4 aGk=")).isEqualTo("OK");
        assertThat(commands.run("read 0x80000000 4")).isEqualTo("OK 0x68691111");
        assertThat(commands.run("memset 0x80000000 0 0")).isEqualTo("OK");
        assertThat(commands.run("read 0x80000000 1")).isEqualTo("OK 0x68");
    }

    @Test
    void movesTheClockFromTimerToTimer() {
        assertThat(commands.run("clock_step")).isEqualTo("FAIL Unknown command 'clock_step'");
        clock.moveByHand();
        clock.start();
        List<Long> fired = new ArrayList<>();
        assertThat(commands.run("clock_step"))
                .isEqualTo("FAIL cannot advance clock to the next deadline because there is no pending deadline");
        clock.timer(() -> fired.add(clock.now())).arm(700);
        clock.timer(() -> fired.add(clock.now())).arm(400);
        assertThat(commands.run("clock_step 100")).isEqualTo("OK 100");
        assertThat(fired).isEmpty();
        assertThat(commands.run("clock_step")).isEqualTo("OK 400");
        assertThat(fired).containsExactly(400L);
        assertThat(commands.run("clock_set 0x400")).isEqualTo("OK 1024");
        assertThat(fired).containsExactly(400L, 700L);
        assertThat(commands.run("clock_set 100")).isEqualTo("FAIL 1024");
        assertThat(commands.run("clock_step -5")).isEqualTo("FAIL could not advance time");
        assertThat(commands.run("clock_step 0")).isEqualTo("FAIL could not advance time");
    }

    @Test
    void looksAtTheWiresOfOneDevice() {
        assertThat(commands.run("irq_intercept_in /nowhere")).isEqualTo("FAIL Unknown device");
        assertThat(commands.run("set_irq_in /nowhere unnamed-gpio-in 1 1")).isEqualTo("FAIL Unknown device");
        assertThat(commands.run("irq_intercept_in /plic")).isEqualTo("OK");
        assertThat(commands.run("irq_intercept_out /plic")).isEqualTo("OK");
        assertThat(commands.run("irq_intercept_in /uart")).isEqualTo("FAIL IRQ intercept already enabled");
        plic.source(10).set(true);
        assertThat(commands.run("set_irq_in /plic unnamed-gpio-in 11 1")).isEqualTo("OK");
        plic.source(10).set(false);
        assertThat(interrupts).containsExactly("IRQ raise 10", "IRQ raise 11", "IRQ lower 10");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "warp 1|FAIL Unknown command 'warp'",
                "READB 1|FAIL Unknown command 'READB'",
                "'  '|FAIL Unknown command ''",
                "readb|ERR readb: argument 1 is missing",
                "readb here|ERR readb: 'here' is not a number",
                "readb 0x|ERR readb: '0x' is not a number",
                "readb --1|ERR readb: '--1' is not a number",
                "readq 99999999999999999999999|ERR readq: '99999999999999999999999' is not a number",
                "writel 0x80000000|ERR writel: argument 2 is missing",
                "read 0x80000000|ERR read: argument 2 is missing",
                "read 0x80000000 0|ERR read: the size is 0",
                "b64read 0x80000000 0|ERR b64read: the size is 0",
                "read 0x80000000 -1|ERR read: the size is not between 0 and 67108864",
                "write 0x80000000 1|ERR write: argument 3 is missing",
                "write 0x80000000 1 0x|ERR invalid argument size",
                "write 0x80000000 1 zzz|ERR write: the data does not begin with 0x",
                "memset 0x80000000 4|ERR memset: argument 3 is missing",
                "memset 0x80000000 0x5000000 0|ERR memset: the size is not between 0 and 67108864",
                "irq_intercept_in|ERR irq_intercept_in: argument 1 is missing",
                "set_irq_in /plic|ERR set_irq_in: argument 2 is missing",
                "set_irq_in /plic unnamed-gpio-in 96 1|ERR set_irq_in: '/plic' has no input 'unnamed-gpio-in' 96",
                "set_irq_in /plic sysbus-irq 1 1|ERR set_irq_in: '/plic' has no input 'sysbus-irq' 1",
                "set_irq_in /uart unnamed-gpio-in 1 1|ERR set_irq_in: '/uart' has no input 'unnamed-gpio-in' 1",
                "module_load|ERR module_load: argument 1 is missing",
                "module_load ui opengl|FAIL"
            })
    void answersMistakes(String line, String answer) {
        assertThat(commands.run(line)).isEqualTo(answer);
    }

    @Test
    void answersDataThatIsNone() {
        assertThat(commands.run("write 0x80000000 1 0xzz")).startsWith("ERR write: ");
        assertThat(commands.run("b64write 0x80000000 1 !")).startsWith("ERR b64write: ");
        assertThat(commands.run("")).as("no answer to an empty line, as QEMU").isEmpty();
    }
}
