package dev.cprkit.it.qtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.VmProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a test of the board hears, whichever program has the board. */
@Timeout(60)
abstract class QtestCases {
    /** Where nothing executes it is the first device of the board. */
    private static final String PLIC = "/machine/unattached/device[0]";

    private static final String[][] CONVERSATION = {
        {"endianness", "OK little"},
        {"writel 0x80000000 0x1ffffffff", "OK"},
        {"readq 0x80000000", "OK 0x00000000ffffffff"},
        {"write 0x80000010 0x4 0xaabbccdd", "OK"},
        {"readl 0x80000010", "OK 0x00000000ddccbbaa"},
        {"read 0x80000010 0x5", "OK 0xaabbccdd00"},
        {"memset 0x80000020 0x3 0xff", "OK"},
        {"b64read 0x80000020 4", "OK ////AA=="},
        {"b64write 0x80000030 0x2 aGk=", "OK"},
        {"readw 0x80000030", "OK 0x0000000000006968"},
        {"readb -1", "OK 0x0000000000000000"},
        {"readb 0x10000005", "OK 0x0000000000000060"},
        {"writeb 0x10000007 0x5a", "OK"},
        {"readb 0x10000007", "OK 0x000000000000005a"},
        {"bogus", "FAIL Unknown command 'bogus'"},
        {"   ", "FAIL Unknown command ''"},
        {"write 0x80000000 0 0x", "ERR invalid argument size"},
        {"memset 0x80000000 0 0", "OK"},
        {"module_load a b", "FAIL"},
        {"clock_step", "FAIL cannot advance clock to the next deadline because there is no pending deadline"},
        {"clock_step 1000", "OK 1000"},
        {"clock_step 0x100", "OK 1256"},
        {"clock_set 5000", "OK 5000"},
        {"clock_set 100", "FAIL 5000"},
        {"clock_step -5", "FAIL could not advance time"},
        {"irq_intercept_in ioapic", "FAIL Unknown device"},
        {"set_irq_in /machine/x n 0 1", "FAIL Unknown device"},
        {"irq_intercept_in PLIC", "OK"},
        {"irq_intercept_in PLIC", "OK"},
        {"irq_intercept_in /machine/unattached/device[13]", "FAIL IRQ intercept already enabled"}, // the clock
        {"irq_intercept_in /machine/unattached/device[14]", "FAIL Unknown device"},
        {"set_irq_in PLIC unnamed-gpio-in 12 1", "IRQ raise 12", "OK"},
        {"set_irq_in PLIC unnamed-gpio-in 12 0", "IRQ lower 12", "OK"},
        {"writeb 0x10000001 2", "IRQ raise 10", "OK"}, // the UART's transmitter is empty
        {"writeb 0x10000001 0", "IRQ lower 10", "OK"},
        {"writel 0x101010 1", "OK"},
        {"writel 0x10100c 0", "OK"},
        {"writel 0x101008 1000", "IRQ raise 11", "OK"}, // the clock's alarm, for a time that has passed
    };

    @TempDir
    private Path folder;

    /** The program; empty if this host has none with that accelerator. */
    abstract Optional<List<String>> program() throws Exception;

    abstract String reason();

    /** The options by which QEMU's tests start it, with both sockets in the folder. */
    private VmProcess start(String... more) throws Exception {
        Optional<List<String>> program = program();
        assumeTrue(program.isPresent(), this::reason);
        List<String> options = new ArrayList<>(List.of(
                "-qtest",
                "unix:" + folder.resolve("qtest"),
                "-qtest-log",
                folder.resolve("log").toString(),
                "-display",
                "none",
                "-audio",
                "none",
                "-run-with",
                "exit-with-parent=on",
                "-machine",
                "virt",
                "-name",
                "source,debug-threads=on",
                "-m",
                "32M",
                "-nodefaults",
                "-bios",
                "none"));
        options.addAll(List.of(more));
        return VmProcess.start(program.orElseThrow(), folder, "vm", options);
    }

    @Test
    void everyCommandIsAnswered() throws Exception {
        try (QtestClient client = new QtestClient(folder.resolve("qtest"));
                VmProcess vm = start("-accel", "qtest")) {
            client.accept();
            assertThat(vm.status()).isEqualTo("running");
            for (String[] exchange : CONVERSATION) {
                String line = exchange[0].replace("PLIC", PLIC);
                assertThat(client.ask(line))
                        .as(line)
                        .isEqualTo(List.of(exchange).subList(1, exchange.length));
            }
            vm.execute("stop");
            assertThat(client.ask("clock_step 10")).containsExactly("OK 5010");
            vm.execute("cont");
            assertThat(client.ask("clock_step 10")).containsExactly("OK 5020");
            vm.execute("quit");
            assertThat(vm.awaitExit()).isZero();
        }
        assertThat(Files.readString(folder.resolve("log")))
                .contains("] OPENED\n[R +", "] endianness\n[S +", "] OK little\n", "] IRQ raise 12\n");
    }

    @Test
    void whereAGuestExecutesTheClockIsNotMoved() throws Exception {
        try (QtestClient client = new QtestClient(folder.resolve("qtest"));
                VmProcess vm = start("-accel", "tcg", "-S")) {
            client.accept();
            assertThat(client.ask("clock_step 5")).containsExactly("FAIL Unknown command 'clock_step'");
            assertThat(client.ask("writeb 0x80000000 7")).containsExactly("OK");
            assertThat(client.ask("readb 0x80000000")).containsExactly("OK 0x0000000000000007");
            assertThat(vm.status()).isEqualTo("prelaunch");
        }
    }

    /** What a program does when nobody listens yet. */
    void assertWaitsForTheTest() throws Exception {
        try (VmProcess vm = start("-accel", "qtest")) {
            assertThat(vm.status()).isEqualTo("running");
            try (QtestClient client = new QtestClient(folder.resolve("qtest"))) {
                client.accept();
                assertThat(client.ask("endianness")).containsExactly("OK little");
            }
            Await.until(
                    VmProcess.LIMIT,
                    () -> "the log's end",
                    () -> Files.readString(folder.resolve("log")).endsWith("] CLOSED\n"));
            try (QtestClient client = new QtestClient(folder.resolve("qtest"))) {
                client.accept();
                assertThat(client.ask("endianness")).containsExactly("OK little");
            }
            assertThat(vm.status()).isEqualTo("running");
        }
    }
}
