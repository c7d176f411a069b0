package dev.cprkit.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** list, status, check, qmp, hmp, adopt and forget. */
@Timeout(60)
class LookCommandsTest {
    @TempDir
    private Path folder;

    private FakeSite site;
    private FakeQmp qmp;
    private Path socket;

    @BeforeEach
    void start() throws Exception {
        site = new FakeSite(folder);
        socket = folder.resolve("web.g2.qmp");
        qmp = new FakeQmp(socket);
        Files.createSymbolicLink(folder.resolve("web.qmp"), socket);
    }

    @AfterEach
    void stop() throws Exception {
        qmp.close();
    }

    private static ModeReport report(MigMode mode, Finding... findings) {
        return new ModeReport(mode, List.of(findings));
    }

    private static final Finding MEMORY =
            new Finding(Code.MEMORY_NOT_SHARED, "guest memory", "it is private", "restart the VM");
    private static final Finding SOCKET = new Finding(Code.SOCKET_PATH, "/q", "it is owned", "it moves");

    private void reports() {
        site.reports = List.of(
                report(MigMode.CPR_TRANSFER, MEMORY, SOCKET),
                report(MigMode.CPR_EXEC, MEMORY),
                report(MigMode.CPR_REBOOT, SOCKET));
    }

    @Test
    void adoptListStatusForget() throws Exception {
        reports();
        assertThat(site.run("list")).isZero();
        assertThat(site.out()).isEmpty();
        assertThat(site.err())
                .isEqualTo("No VM has a name here. cprctl launch starts one, cprctl adopt takes one over.\n");
        assertThat(site.run("adopt", "web", "--qmp", "web.g2.qmp")).isZero();
        assertThat(site.out()).isEqualTo("The VM at " + folder.resolve("web.qmp") + " has the name web now.\n");
        assertThat(site.run("adopt", "other", "--qmp", "web.qmp")).isEqualTo(ExitStatus.CONFLICT.number());
        assertThat(site.err())
                .isEqualTo(
                        "cprctl: the VM at " + folder.resolve("web.qmp") + " is managed already, under the name web\n");
        site.add("gone");
        site.run("update", "web");
        long pid = ProcessHandle.current().pid();
        assertThat(site.run("list")).isZero();
        assertThat(site.out().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "VM GUEST PID GEN VERSION INSTALLED MODES UPDATED PAUSE",
                        "gone gone - - - - - never -",
                        "web running " + pid + " 2 11.1.0 - reboot 2h ago 6.180 ms");
        String before = site.out();
        assertThat(site.run("list", "--modes")).isZero();
        assertThat(site.out()).isEqualTo(before);
        assertThat(site.run("ls", "-q")).isZero();
        assertThat(site.out()).isEqualTo("gone\nweb\n");
        assertThat(site.run("list", "--json")).isZero();
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"vms\",\"vms\":[{\"vm\":\"gone\",")
                .contains("\"presence\":\"gone\",\"problem\":\"cannot connect to the QMP socket")
                .contains(
                        "\"presence\":\"answers\",\"vm-status\":{\"run-state\":\"running\",\"name\":\"web-1\",\"pid\":"
                                + pid)
                .contains("\"last-update\":\"2026-02-03T12:00:02Z\",\"last-pause-ms\":6.1804}],\"damaged\":[]}");
        assertThat(site.run("status", "web")).isZero();
        assertThat(site.out())
                .contains("guest      running\n")
                .contains("version    11.1.0\n")
                .contains("QMP        " + socket.toRealPath() + ", generation 2\n")
                .contains("memory     64 MiB\n")
                .contains("modes      reboot\n")
                .contains("updated    2h ago, paused 6.180 ms\n");
        assertThat(site.run("status", "--qmp", "web.qmp", "--json")).isZero();
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"vm\",\"vm\":\"web\",")
                .contains("\"modes\":[\"cpr-reboot\"]");
        assertThat(site.run("status", "gone")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.out()).contains("guest      gone\n");
        assertThat(site.run("forget", "web")).isZero();
        assertThat(site.out()).isEqualTo("VM web runs on without a name; cprctl adopt gives it one again.\n");
        assertThat(site.run("forget", "gone", "--json")).isZero();
        assertThat(site.out())
                .isEqualTo("{\"schema\":\"cprkit/1\",\"type\":\"forget\",\"vm\":\"gone\",\"runs\":false}\n");
        assertThat(site.run("forget", "gone")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err()).isEqualTo("cprctl: there is no VM named gone\n");
        assertThat(site.run("forget", "../x")).isEqualTo(ExitStatus.USAGE.number());
    }

    @Test
    void whatVmsDoIsToldWithoutAJournalToo() throws Exception {
        reports();
        site.unusable = Optional.of(new OperationException(ExitStatus.REFUSED, "the disk is full"));
        assertThat(site.run("status", "--qmp", "web.qmp")).isZero();
        assertThat(site.out()).contains("guest      running\n").contains("updated    never\n");
        assertThat(site.err()).isEqualTo("cprctl: earlier updates are not shown: the disk is full\n");
        assertThat(site.run("list", "--json")).isZero();
    }

    @Test
    void aDamagedVmIsNamedAndTheOthersAreShown() throws Exception {
        site.add("a");
        site.add("b");
        Path file = site.registry().folder(new dev.cprkit.agent.vm.VmName("a")).resolve("vm.json");
        Files.writeString(file, "{");
        assertThat(site.run("list")).isEqualTo(ExitStatus.ATTENTION.number());
        assertThat(site.out()).contains("\nb ").doesNotContain("\na ");
        assertThat(site.err()).isEqualTo("cprctl: " + file + " is damaged: it is not JSON\n");
        assertThat(site.run("status", "a")).isEqualTo(ExitStatus.ATTENTION.number());
    }

    @Test
    void checkTellsEverythingForEveryMode() {
        reports();
        assertThat(site.run("check", "--qmp", "web.qmp", "--to", "vmm")).isZero();
        assertThat(site.out()).isEqualTo("""
            cpr-transfer: refused
              refused: guest memory: it is private; restart the VM [memory-not-shared]
              handled: /q: it is owned; it moves [socket-path]
            cpr-exec: refused
              refused: guest memory: it is private; restart the VM [memory-not-shared]
            cpr-reboot: possible
              handled: /q: it is owned; it moves [socket-path]
            """);
        assertThat(site.err()).isEqualTo("An update would take mode cpr-reboot.\n");
        assertThat(site.checkedFor).isEqualTo(Optional.of(folder.resolve("vmm")));
        assertThat(site.run("update", "--dry-run", "--qmp", "web.qmp", "--mode", "transfer", "-q"))
                .isEqualTo(ExitStatus.REFUSED.number());
        assertThat(site.out()).isEqualTo("""
            cpr-transfer: refused
              refused: guest memory: it is private; restart the VM [memory-not-shared]
            """);
        assertThat(site.err())
                .isEqualTo("cprctl: an update would be refused, for what is told above; nothing was done\n");
        assertThat(site.operations.begun).isEmpty();
        assertThat(site.run("check", "--qmp", "web.qmp", "--mode", "cpr-reboot", "--json"))
                .isZero();
        assertThat(site.out())
                .isEqualTo("{\"schema\":\"cprkit/1\",\"type\":\"check\",\"qmp\":\"" + folder.resolve("web.qmp")
                        + "\",\"mode\":\"cpr-reboot\",\"modes\":[{\"mode\":\"cpr-reboot\",\"possible\":true,"
                        + "\"findings\":[{\"code\":\"socket-path\",\"refuses\":false,\"subject\":\"/q\",\"problem\":"
                        + "\"it is owned\",\"remedy\":\"it moves\",\"weight\":\"handled\"}]}]}\n");
    }

    @Test
    void qmp() {
        assertThat(site.run("qmp", "--qmp", "web.qmp", "query-status")).isZero();
        assertThat(site.out()).isEqualTo("""
            {
              "running" : true,
              "status" : "running"
            }
            """);
        assertThat(site.run("qmp", "--qmp", "web.qmp", "--json", "{\"execute\":\"query-name\"}"))
                .isZero();
        assertThat(site.out())
                .isEqualTo("{\"schema\":\"cprkit/1\",\"type\":\"qmp\",\"return\":{\"name\":\"web-1\"}}\n");
        assertThat(site.run("qmp", "--qmp", "web.qmp", "{\"execute\":\"no\",\"arguments\":{\"a\":1}}"))
                .isEqualTo(ExitStatus.REFUSED.number());
        assertThat(site.err())
                .isEqualTo("cprctl: the VM refused no: The command no has not been found (CommandNotFound)\n");
        assertThat(qmp.asked).contains("no{\"a\":1}");
        assertThat(site.run("qmp", "--qmp", "none", "query-status")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err())
                .isEqualTo("cprctl: cannot connect to the QMP socket " + folder.resolve("none")
                        + ": no such file; is the VM running, and is this its QMP path?\n");
    }

    @Test
    void hmp() {
        qmp.answers.put("human-monitor-command", "'VM status: running\\r\\n'");
        assertThat(site.run("adopt", "web", "--qmp", "web.qmp")).isZero();
        assertThat(site.run("hmp", "web", "--", "info", "status", "-a")).isZero();
        assertThat(site.out()).isEqualTo("VM status: running\n");
        assertThat(qmp.asked).contains("human-monitor-command{\"command-line\":\"info status -a\"}");
        assertThat(site.run("hmp", "web", "info", "status", "--json")).isZero();
        assertThat(site.out())
                .isEqualTo("{\"schema\":\"cprkit/1\",\"type\":\"hmp\",\"return\":\"VM status: running\\r\\n\"}\n");
    }

    @Test
    void consoleWithJsonTellsWhereTheLineIs() {
        assertThat(site.run("console", "--qmp", "web.qmp", "--json")).isZero();
        assertThat(site.out())
                .isEqualTo("{\"schema\":\"cprkit/1\",\"type\":\"console\",\"path\":\""
                        + Path.of("").toAbsolutePath().resolve("console.sock") + "\",\"free\":true}\n");
        qmp.answers.put("query-chardev", "[{'label':'serial0','filename':'unix:/c,server=on'}]");
        assertThat(site.run("console", "--qmp", "web.qmp")).isEqualTo(ExitStatus.CONFLICT.number());
        assertThat(site.err())
                .isEqualTo("cprctl: somebody else is attached to the serial line at /c, which serves one at a time\n");
        qmp.answers.put("query-chardev", "[{'label':'serial0','filename':'pty:/dev/pts/7'}]");
        assertThat(site.run("console", "--qmp", "web.qmp")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err())
                .isEqualTo("cprctl: the VM's serial line is no unix socket but pty:/dev/pts/7; open that with another"
                        + " program, such as screen\n");
        qmp.answers.put("query-chardev", "[]");
        assertThat(site.run("console", "--qmp", "web.qmp")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.err()).startsWith("cprctl: the VM has no serial line; start it with -serial unix:PATH");
    }

    @Test
    void planOfAVmThatIsNotThere() {
        assertThat(site.run("plan", "--qmp", "web.qmp")).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(site.planned).containsExactly(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC, MigMode.CPR_REBOOT);
    }

    @Test
    void launchSaysWhatWouldKeepTheVmFromBeingUpdated() {
        assertThat(site.run("launch", "one", "--", "/bin/false", "-m", "64M")).isEqualTo(ExitStatus.REFUSED.number());
        assertThat(site.out()).isEmpty();
        assertThat(site.err())
                .startsWith("not updatable: guest memory: it is private to its process, so the next process could not"
                        + " have it; use -object memory-backend-memfd,id=cprkit-ram,size=64M,share=on -machine"
                        + " memory-backend=cprkit-ram [memory-not-shared]\n")
                .contains("[aux-ram-not-shared]\n")
                .contains("changed: QMP: ")
                .endsWith("cprctl: the VM could not be updated later, so it was not started; --make-updatable changes"
                        + " what is told above, --as-is starts it all the same\n");
        assertThat(site.run("launch", "one", "-n", "-q", "--make-updatable", "--", "/bin/false", "-m", "64M"))
                .isZero();
        assertThat(site.run("launch", "one", "-n", "--make-updatable", "--json", "--", "/bin/false", "-m", "64M"))
                .isZero();
        String vms = site.home().vms().toString();
        assertThat(site.out())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"launch\",\"vm\":\"one\",\"qmp\":\"" + vms
                        + "/one/qmp.sock\",\"command\":[\"/bin/false\",\"-m\",\"64M\",\"-object\",")
                .contains("\"code\":\"memory-not-shared\"")
                .contains("\"change\":\"made\"")
                .endsWith("\"status\":\"ok\",\"exit-status\":0,\"message\":\"nothing was started\"}\n");
        assertThat(site.run("launch", "one", "-u", "--", "/bin/false")).isEqualTo(ExitStatus.ABORTED.number());
        assertThat(site.err()).contains("cprctl: the VM's process ended at once: exit status 1; it printed nothing\n");
        assertThat(site.home().vms().resolve("one")).doesNotExist();
    }
}
