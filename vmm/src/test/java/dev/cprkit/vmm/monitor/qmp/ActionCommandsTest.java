package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.machine.RealMachine;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.monitor.hmp.ActionHmp;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the machine's actions are set to by monitors, with QEMU's answers. */
@Timeout(60)
class ActionCommandsTest {
    private RealMachine real;
    private final QmpRegistry registry = new QmpRegistry();
    private final HmpRegistry human = new HmpRegistry();

    @BeforeEach
    void start() throws Exception {
        real = RealMachine.of("-M", "virt", "-m", "16M", "-nodefaults", "-bios", "none");
        new ActionCommands(real.machine()).register(registry);
        new ActionHmp(real.machine()).register(human);
    }

    @AfterEach
    void stop() throws IOException {
        real.close();
    }

    private String run(String command, String arguments) throws Exception {
        JsonObject object = (JsonObject) JsonText.parse(arguments.replace('\'', '"'));
        return real.on(() -> {
            try {
                return JsonText.write(registry.find(command).orElseThrow().execute(new QmpArguments(object)));
            } catch (QmpError e) {
                return e.getMessage();
            }
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "set-action | {'watchdog':'foo'} | Parameter 'watchdog' does not accept value 'foo'",
                "set-action | {'panic':'foo'} | Parameter 'panic' does not accept value 'foo'",
                "set-action | {'foo':'foo'} | Parameter 'foo' is unexpected",
                "set-action | {'watchdog':'inject-nmi'} | machine does not provide NMIs",
                "set-action | {} | {}",
                "watchdog-set-action | {} | Parameter 'action' is missing",
                "watchdog-set-action | {'action':'x'} | Parameter 'action' does not accept value 'x'",
                "watchdog-set-action | {'action':'inject-nmi'} | machine does not provide NMIs",
            })
    void refused(String command, String arguments, String answer) throws Exception {
        assertThat(run(command, arguments)).isEqualTo(answer);
        assertThat(real.machine().actions()).isEqualTo(GuestActions.defaults());
    }

    @Test
    void whatIsNamedIsSetAndTheRestStays() throws Exception {
        assertThat(run("set-action", "{'panic':'none','shutdown':'pause'}")).isEqualTo("{}");
        assertThat(run("set-action", "{'reboot':'shutdown'}")).isEqualTo("{}");
        assertThat(run("watchdog-set-action", "{'action':'debug'}")).isEqualTo("{}");
        assertThat(real.machine().actions())
                .isEqualTo(new GuestActions(
                        GuestActions.Reboot.SHUTDOWN,
                        GuestActions.Shutdown.PAUSE,
                        GuestActions.Panic.NONE,
                        GuestActions.Watchdog.DEBUG));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "watchdog_action foo | Error: invalid parameter value: foo;",
                "watchdog_action inject-nmi | Error: machine does not provide NMIs;",
                "watchdog_action | watchdog_action: string expected;Try \"help watchdog_action\" for more information;",
                "watchdog_action none | ``",
            })
    void theHumanMonitorSaysTheSame(String line, String printed) throws Exception {
        StringBuilder out = new StringBuilder();
        HmpOutput collect = text -> out.append(text.replace("\r\n", ";").replace("\n", ";"));
        real.on(() -> {
            new HmpShell(human).run(line, collect);
            return 0;
        });
        assertThat(out.toString()).isEqualTo(printed);
        assertThat(real.machine().actions().watchdog())
                .isEqualTo(printed.isEmpty() ? GuestActions.Watchdog.NONE : GuestActions.Watchdog.RESET);
    }
}
