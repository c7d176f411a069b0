package dev.cprkit.vmm.cli;

import static dev.cprkit.vmm.cli.CommandLines.machine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevLog;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.SocketTarget;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConsoleOptionsTest {
    private static final ChardevOptions NONE = ChardevOptions.NONE;

    private static ChardevConfig chardev(String text) throws CommandLineException {
        return machine("-nodefaults", "-chardev", text).chardevs().getFirst();
    }

    private static ChardevConfig serial(String text) throws CommandLineException {
        MachineConfig config = machine("-nodefaults", "-serial", text);
        assertThat(config.serials()).containsExactly(Optional.of("serial0"));
        assertThat(config.monitors()).isEmpty();
        return config.chardevs().getFirst();
    }

    @Test
    void readsChardevs() throws Exception {
        assertThat(chardev("stdio,id=a,signal=off,mux=on"))
                .isEqualTo(new ChardevConfig.Stdio("a", false, ChardevOptions.MUX));
        assertThat(chardev("file,id=a,path=/x,append=on"))
                .isEqualTo(new ChardevConfig.File("a", "/x", true, Optional.empty(), NONE));
        assertThat(chardev("backend=null,id=a,logfile=/l,logappend=on"))
                .isEqualTo(new ChardevConfig.Null(
                        "a", new ChardevOptions(false, Optional.of(new ChardevLog("/l", true)))));
        assertThat(chardev("pty,id=a,path=/l")).isEqualTo(new ChardevConfig.Pty("a", Optional.of("/l"), NONE));
        assertThat(chardev("pipe,id=a,path=/p")).isEqualTo(new ChardevConfig.Pipe("a", "/p", NONE));
        assertThat(chardev("ringbuf,id=a,size=4k")).isEqualTo(new ChardevConfig.Ringbuf("a", 4096, "ringbuf", NONE));
        assertThat(chardev("memory,id=a")).isEqualTo(new ChardevConfig.Ringbuf("a", 0, "memory", NONE));
        assertThat(chardev("socket,id=a,path=/s,server=on,wait=off"))
                .isEqualTo(new ChardevConfig.Socket("a", new SocketTarget.Unix("/s"), true, false, 0, false, NONE));
        assertThat(chardev("socket,id=a,path=/s,reconnect-ms=250"))
                .isEqualTo(new ChardevConfig.Socket("a", new SocketTarget.Unix("/s"), false, false, 250, false, NONE));
        assertThat(chardev("socket,id=a,host=::1,port=80,to=90,server=on,nodelay=on"))
                .isEqualTo(new ChardevConfig.Socket(
                        "a", new SocketTarget.Inet("::1", 80, 90, true), true, true, 0, false, NONE));
        assertThat(chardev("socket,id=a,fd=3,server=on"))
                .isEqualTo(new ChardevConfig.Socket("a", new SocketTarget.Fd(3), true, true, 0, false, NONE));
    }

    @Test
    void readsOneWordForms() throws Exception {
        assertThat(serial("stdio")).isEqualTo(new ChardevConfig.Stdio("serial0", true, NONE));
        assertThat(serial("null")).isEqualTo(new ChardevConfig.Null("serial0", NONE));
        assertThat(serial("file:/tmp/a,b"))
                .isEqualTo(new ChardevConfig.File("serial0", "/tmp/a,b", false, Optional.empty(), NONE));
        assertThat(serial("pty")).isEqualTo(new ChardevConfig.Pty("serial0", Optional.empty(), NONE));
        assertThat(serial("pty:/l")).isEqualTo(new ChardevConfig.Pty("serial0", Optional.of("/l"), NONE));
        assertThat(serial("pipe:/p")).isEqualTo(new ChardevConfig.Pipe("serial0", "/p", NONE));
        assertThat(serial("unix:/s,server=on,wait=off"))
                .isEqualTo(
                        new ChardevConfig.Socket("serial0", new SocketTarget.Unix("/s"), true, false, 0, false, NONE));
        assertThat(serial("tcp:[::1]:80,server,nowait"))
                .isEqualTo(new ChardevConfig.Socket(
                        "serial0", new SocketTarget.Inet("::1", 80), true, false, 0, false, NONE));
        assertThat(serial("telnet::80,server=on"))
                .isEqualTo(
                        new ChardevConfig.Socket("serial0", new SocketTarget.Inet("", 80), true, true, 0, true, NONE));
    }

    @Test
    void connectsSerialLinesInOrder() throws Exception {
        MachineConfig config = machine(
                "-nodefaults", "-serial", "none", "-serial", "chardev:c", "-serial", "null", "-chardev", "null,id=c");
        assertThat(config.serials()).containsExactly(Optional.empty(), Optional.of("c"), Optional.of("serial2"));
    }

    @Test
    void sharesASerialLineWithAMonitor() throws Exception {
        MachineConfig config = machine("-serial", "mon:stdio", "-display", "none");
        assertThat(config.chardevs()).containsExactly(new ChardevConfig.Stdio("serial0", false, ChardevOptions.MUX));
        assertThat(config.serials()).containsExactly(Optional.of("serial0"));
        assertThat(config.monitors())
                .containsExactly(new MonitorConfig("", MonitorConfig.Mode.READLINE, "serial0", false));
    }

    @Test
    void readsMonitors() throws Exception {
        MachineConfig config = machine(
                "-nodefaults",
                "-chardev",
                "null,id=c,mux=on",
                "-mon",
                "c,mode=control,pretty=on,id=m",
                "-mon",
                "chardev=c",
                "-qmp",
                "unix:/q,server=on,wait=off",
                "-qmp-pretty",
                "chardev:c",
                "-monitor",
                "null",
                "-monitor",
                "none",
                "-object",
                "monitor-qmp,id=o,chardev=c,pretty=on",
                "-object",
                "{\"qom-type\":\"monitor-qmp\",\"id\":\"p\",\"chardev\":\"c\"}",
                "-object",
                "monitor-hmp,id=h,chardev=c");
        assertThat(config.monitors())
                .containsExactly(
                        new MonitorConfig("m", MonitorConfig.Mode.CONTROL, "c", true),
                        new MonitorConfig("", MonitorConfig.Mode.READLINE, "c", false),
                        new MonitorConfig("", MonitorConfig.Mode.CONTROL, "compat_monitor0", false),
                        new MonitorConfig("", MonitorConfig.Mode.CONTROL, "c", true),
                        new MonitorConfig("", MonitorConfig.Mode.READLINE, "compat_monitor1", false),
                        new MonitorConfig("o", MonitorConfig.Mode.CONTROL, "c", true),
                        new MonitorConfig("p", MonitorConfig.Mode.CONTROL, "c", false),
                        new MonitorConfig("h", MonitorConfig.Mode.READLINE, "c", false));
        assertThat(config.chardevs())
                .extracting(ChardevConfig::id)
                .containsExactly("c", "compat_monitor0", "compat_monitor1");
    }

    @Test
    void usesTheTerminalByDefault() throws Exception {
        for (MachineConfig config : new MachineConfig[] {machine(), machine("-nographic")}) {
            assertThat(config.chardevs())
                    .containsExactly(new ChardevConfig.Stdio("serial0", false, ChardevOptions.MUX));
            assertThat(config.monitors())
                    .containsExactly(new MonitorConfig("", MonitorConfig.Mode.READLINE, "serial0", false));
        }
    }

    @Test
    void leavesTheTerminalToTheSerialLineIfThereIsAMonitor() throws Exception {
        MachineConfig config = machine("-nographic", "-monitor", "none");
        assertThat(config.chardevs()).containsExactly(new ChardevConfig.Stdio("serial0", true, NONE));
        assertThat(config.monitors()).isEmpty();
    }

    @Test
    void leavesTheTerminalToWhoAsksForIt() throws Exception {
        MachineConfig config = machine("-qmp", "stdio");
        assertThat(config.chardevs())
                .containsExactly(
                        new ChardevConfig.Stdio("compat_monitor0", true, NONE),
                        new ChardevConfig.Null("serial0", NONE));
        assertThat(machine("-chardev", "stdio,id=s").serials()).containsExactly(Optional.of("serial0"));
    }

    @Test
    void leavesTheTerminalToTheMonitorIfThereIsASerialLine() throws Exception {
        MachineConfig config = machine("-nographic", "-serial", "null");
        assertThat(config.monitors())
                .containsExactly(new MonitorConfig("", MonitorConfig.Mode.READLINE, "compat_monitor0", false));
        assertThat(machine("-nographic", "-serial", "stdio").monitors()).isEmpty();
    }

    @Test
    void leavesTheTerminalAloneWithoutADisplay() throws Exception {
        MachineConfig config = machine("-display", "none");
        assertThat(config.chardevs()).containsExactly(new ChardevConfig.Null("serial0", NONE));
        assertThat(config.monitors()).isEmpty();
    }

    @Test
    void hasNothingWithoutDefaults() throws Exception {
        MachineConfig config = machine("-nographic", "-nodefaults");
        assertThat(config.chardevs()).isEmpty();
        assertThat(config.serials()).isEmpty();
        assertThat(config.monitors()).isEmpty();
    }
}
