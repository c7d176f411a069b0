package dev.cprkit.it.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.vm.VmProcess;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.PseudoTerminal;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The human monitor on a terminal: keys, Ctrl-A, and that the terminal is put back however the program ends. */
class MonitorTerminalIT {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);

    private PseudoTerminal terminal;
    private int slave;
    private String settings;
    private Process process;

    @BeforeEach
    void open() throws Exception {
        terminal = PseudoTerminal.open();
        slave = Fds.open(terminal.path(), Fds.O_RDWR, 0);
        stty("sane");
        settings = stty("-g");
    }

    @AfterEach
    void close() throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        Fds.close(slave);
        terminal.close();
    }

    @Test
    void linesAreEditedAndTheTerminalIsPutBack() throws Exception {
        start("-monitor", "stdio");
        readTo("(qemu) ");
        assertThat(stty("-g")).as("raw").isNotEqualTo(settings);
        type("info stx\u007f\t");
        assertThat(readTo("(qemu) info stat\033[K")).contains("\r\r\nstats     status    \r\r\n");
        type("us\r");
        assertThat(readTo("(qemu) ")).contains("\r\r\nVM status: paused (prelaunch)\r\r\n");
        type("\033[A\001\013q\033[Du\033[Cit\025info name\r");
        readTo("(qemu) ");
        type("\020\020\r");
        assertThat(readTo("(qemu) ")).contains("VM status");
        type("quit\r");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(stty("-g")).isEqualTo(settings);
    }

    @Test
    void aSignalPutsTheTerminalBack() throws Exception {
        start("-monitor", "stdio");
        readTo("(qemu) ");
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(stty("-g")).isEqualTo(settings);
    }

    @Test
    void ctrlASwitchesHelpsAndEnds() throws Exception {
        start("-serial", "mon:stdio");
        type("\001h");
        assertThat(readTo("send Ctrl-A\r\r\n")).contains("C-a x", "C-a b", "C-a t");
        type("\001c");
        readTo("(qemu) ");
        type("info status\r");
        assertThat(readTo("(qemu) ")).contains("paused (prelaunch)");
        type("\001x");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(stty("-g")).isEqualTo(settings);
    }

    private void start(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-M", "virt", "-display", "none", "-nodefaults", "-S", "-m", "32"));
        all.addAll(List.of(options));
        process = new ProcessBuilder(VmProcess.command(all))
                .redirectInput(new File(terminal.path()))
                .redirectOutput(new File(terminal.path()))
                .start();
    }

    private void type(String keys) throws Exception {
        byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
        for (int done = 0; done < bytes.length; ) {
            done += Fds.write(terminal.fd(), bytes, done, bytes.length - done);
        }
    }

    /** What the terminal shows up to a text, which is taken. */
    private String readTo(String text) throws Exception {
        long deadline = System.nanoTime() + LIMIT;
        StringBuilder shown = new StringBuilder();
        byte[] one = new byte[1];
        while (!shown.toString().endsWith(text)) {
            assertThat(FdWait.readable(terminal.fd(), deadline))
                    .as("only: %s", shown)
                    .isTrue();
            if (Fds.read(terminal.fd(), one, 0, 1) == 1) {
                shown.append((char) one[0]);
            }
        }
        return shown.toString();
    }

    private String stty(String what) throws Exception {
        Process run = new ProcessBuilder("stty", "-F", terminal.path(), what).start();
        String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return text;
    }
}
