package dev.cprkit.it.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.api.RemoteOperations;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService.Subscription;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.Launch;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.it.cprctl.CprctlUnderTest;
import dev.cprkit.it.cprctl.VmmUnderTest;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.it.vm.VmProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process, with a guest that runs, asked with curl and through the client, and killed on the way. */
@Timeout(240)
class AgentIT {
    private static final VmName ONE = new VmName("one");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private Home home;
    private BareGuest guest;
    private Process agent;

    @BeforeEach
    void launch() throws Exception {
        home = new Home(folder.resolve("run"), folder.resolve("state"));
        guest = new BareGuest(folder.resolve("one.console"));
        List<String> command =
                new ArrayList<>(List.of(VmmUnderTest.launcher(folder).toString()));
        command.addAll(BareGuest.machine("32M"));
        command.addAll(guest.consoleOptions());
        command.addAll(List.of("-kernel", BareGuest.image().toString()));
        Launch launch = new Launch(new VmRegistry(home), new LinuxHost(), Clock.systemUTC());
        Launch.Request request = new Launch.Request(ONE, command, folder, System.getenv(), true);
        launch.run(request, launch.plan(request), VmProcess.LIMIT);
        Files.writeString(
                folder.resolve("agent.toml"),
                "program-directories = [\"/usr\", \"/opt\", \"" + folder.toRealPath() + "\"]\nlog-level = \"debug\"\n");
        start(List.of());
    }

    @AfterEach
    void end() throws Exception {
        agent.destroyForcibly().waitFor();
        runners().forEach(ProcessHandle::destroyForcibly);
        Await.until(LIMIT, () -> "the end of the guest", () -> runners().isEmpty());
    }

    /** @param before what the process is before it is the agent: words that end by executing theirs */
    private void start(List<String> before) throws Exception {
        List<String> command = new ArrayList<>(before);
        command.addAll(CprctlUnderTest.agent());
        command.addAll(List.of("run", "--config", folder.resolve("agent.toml").toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("agent.log").toFile()));
        builder.environment()
                .putAll(Map.of(
                        Home.RUNTIME_VARIABLE, home.runtime().toString(),
                        Home.STATE_VARIABLE, home.state().toString()));
        agent = builder.start();
        Await.until(
                LIMIT,
                () -> "the agent; it says: " + log(),
                () -> AgentClient.answers(home.agentSocket()) || !agent.isAlive());
        assertThat(agent.isAlive()).as(log()).isTrue();
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("agent.log"));
        } catch (IOException e) {
            return "";
        }
    }

    private JsonNode curl(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "90",
                "--unix-socket",
                home.agentSocket().toString()));
        command.addAll(List.of(words));
        Path out = folder.resolve("curl.out");
        Process curl = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(curl.waitFor(100, TimeUnit.SECONDS)).isTrue();
        assertThat(curl.exitValue()).as(Files.readString(out)).isZero();
        return JSON.readTree(Files.readString(out));
    }

    private List<ProcessHandle> runners() {
        String console = guest.console() + ",";
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process).contains(console))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private void assertOneGuestGoesOn() throws Exception {
        guest.awaitCount(guest.count() + 2);
        assertThat(guest.boots()).isEqualTo(1);
        assertThat(guest.unbroken()).as(guest.text()).isTrue();
        assertThat(runners()).hasSize(1);
    }

    private static OperationSpec update() {
        return new OperationSpec(
                OperationKind.UPDATE,
                ONE,
                Optional.empty(),
                ModeChoice.TRANSFER,
                Optional.empty(),
                Duration.ZERO,
                Duration.ofSeconds(60));
    }

    @Test
    void anUpdateThroughCurlAndOneThroughTheClient() throws Exception {
        String base = "http://localhost/v1";
        assertThat(curl(base + "/vms").path("vms").path(0).path("vm").asText()).isEqualTo("one");
        JsonNode check = curl("-X", "POST", base + "/vms/one/check");
        assertThat(check.path("mode").asText()).as(check.toPrettyString()).isEqualTo("cpr-transfer");
        JsonNode plan = curl("-X", "POST", "-d", "{\"mode\":\"transfer\"}", base + "/vms/one/plan");
        assertThat(plan.path("possible").asBoolean()).as(plan.toPrettyString()).isTrue();
        String body = "{\"kind\":\"update\",\"vm\":\"one\",\"mode\":\"transfer\"}";
        JsonNode begun = curl("-X", "PUT", "-d", body, base + "/operations/first");
        assertThat(begun.path("id").asText()).as(begun.toPrettyString()).isEqualTo("first");
        JsonNode end = curl(base + "/operations/first?wait=60");
        assertThat(end.path("status").asText()).as(end.toPrettyString()).isEqualTo("ok");
        assertThat(curl("-X", "PUT", "-d", body, base + "/operations/first")
                        .path("status")
                        .asText())
                .isEqualTo("ok");
        assertThat(curl(base + "/vms/one").path("vm-status").path("generation").asInt())
                .isEqualTo(1);
        assertOneGuestGoesOn();

        try (RemoteOperations remote = new RemoteOperations(home.agentSocket())) {
            Operation second = remote.begin(Optional.empty(), update());
            Operation done = remote.await(second.id(), LIMIT);
            assertThat(done.outcome().map(Operation.Outcome::status))
                    .as(done.toString())
                    .contains(ExitStatus.OK);
        }
        assertOneGuestGoesOn();
        agent.destroy(); // SIGTERM
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).as(log()).isZero();
        assertThat(home.agentSocket()).doesNotExist();
        assertThat(log()).contains("info stopped");
        assertOneGuestGoesOn();
    }

    @Test
    void anAgentThatIsKilledInTheMiddleIsFollowedByOneThatFinishes() throws Exception {
        for (UpdateState state : List.of(UpdateState.STAGED, UpdateState.TAKEN)) {
            String id = "killed-at-" + state.stateName();
            CountDownLatch reached = new CountDownLatch(1);
            RemoteOperations remote = new RemoteOperations(home.agentSocket());
            try (Subscription _ = remote.subscribe(new OperationListener() {
                @Override
                public void entered(Operation operation, Operation.Step step) {
                    if (operation.id().equals(id) && step.state() == state) {
                        reached.countDown();
                    }
                }
            })) {
                remote.begin(Optional.of(id), update());
                assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
                agent.destroyForcibly().waitFor(); // SIGKILL
            }
            start(List.of());
            Operation after = remote.await(id, LIMIT);
            assertThat(after.outcome().map(Operation.Outcome::status))
                    .as(after.toString())
                    .isPresent()
                    .get()
                    .isIn(ExitStatus.OK, ExitStatus.ABORTED);
            assertThat(remote.begin(Optional.of(id), update()).outcome()).isEqualTo(after.outcome());
            assertOneGuestGoesOn();
        }
    }

    @Test
    void systemdsSocketIsTakenAndItIsToldThatTheAgentIsReady() throws Exception {
        // What systemd does: it listens, hands the socket over, and hears how the agent is.
        Path systemd = Files.writeString(folder.resolve("systemd.py"), """
            import os, socket, sys
            number, path, notify, told = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(path)
            listener.listen(16)
            hears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            hears.bind(notify)
            if os.fork() == 0:
                first = hears.recv(4096).decode()
                with open(told, 'w') as out:
                    out.write(first)
                os._exit(0)
            os.dup2(listener.fileno(), number)
            os.set_inheritable(number, True)  # where it was that number already
            os.environ['NOTIFY_SOCKET'] = notify
            os.environ['JOURNAL_STREAM'] = '1:1'
            if number == 3:
                os.environ['LISTEN_FDS'] = '1'
                os.environ['LISTEN_PID'] = str(os.getpid())
            os.execv(sys.argv[5], sys.argv[5:])
            """);
        for (int number : new int[] {0, 3}) { // StandardInput=socket, and what sd_listen_fds(3) tells of
            agent.destroyForcibly().waitFor();
            Files.deleteIfExists(home.agentSocket());
            Files.deleteIfExists(folder.resolve("notify.sock"));
            Path told = folder.resolve("told-" + number);
            start(List.of(
                    "python3",
                    systemd.toString(),
                    Integer.toString(number),
                    home.agentSocket().toString(),
                    folder.resolve("notify.sock").toString(),
                    told.toString()));
            Await.until(
                    LIMIT,
                    () -> "what systemd hears",
                    () -> Files.exists(told) && Files.readString(told).startsWith("READY=1"));
            assertThat(curl("http://localhost/v1/vms/one").path("presence").asText())
                    .isEqualTo("answers");
            agent.destroy();
            assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(home.agentSocket()).exists(); // it is systemd's
        }
        assertThat(log()).contains("<6>ready at ").contains("<6>stopped");
    }
}
