package dev.cprkit.it.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.Launch;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.it.cprctl.CprctlUnderTest;
import dev.cprkit.it.cprctl.VmmUnderTest;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.it.vm.VmProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many tiny guests are updated through the agent, four at a time, and the agent is killed and started again twice on the
 * way: each is updated exactly once, and none is lost. How many, {@code -Dcprkit.fleet} says: four, or fifty as
 * {@code mvn -B verify -Dit.test=FleetIT -Dcprkit.fleet=50} has it.
 */
@Timeout(900)
class FleetIT {
    private static final int GUESTS = Integer.getInteger("cprkit.fleet", 4);
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String UPDATE = "/v1/host/update/november";

    @TempDir
    private Path folder;

    private final Map<VmName, BareGuest> guests = new LinkedHashMap<>();
    private Home home;
    private Process agent;

    @AfterEach
    void end() throws Exception {
        if (agent != null) {
            agent.destroyForcibly().waitFor();
        }
        for (VmName name : guests.keySet()) {
            runners(name).forEach(ProcessHandle::destroyForcibly);
        }
        for (VmName name : guests.keySet()) {
            Await.until(
                    VmProcess.LIMIT,
                    () -> "the end of " + name,
                    () -> runners(name).isEmpty());
        }
    }

    @Test
    void eachGuestIsUpdatedExactlyOnceThoughTheAgentIsKilledTwice() throws Exception {
        home = new Home(folder.resolve("run"), folder.resolve("state"));
        launch();
        Files.writeString(folder.resolve("agent.toml"), "program-directories = [\"" + folder.toRealPath() + "\"]\n");
        startAgent();
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("concurrency", 4)
                .put("mode", "transfer")
                .put("timeout-s", 300);
        JsonNode begun = client().put(UPDATE, request);
        assertThat(begun.path("vms")).hasSize(GUESTS);
        for (int kill = 1; kill <= 2; kill++) {
            int wanted = GUESTS * kill / 3;
            Await.until(LIMIT, () -> wanted + " updates", () -> ended() >= wanted);
            agent.destroyForcibly().waitFor();
            startAgent();
        }
        Await.until(
                LIMIT,
                () -> "the end of the update",
                () -> update().path("exit-status").asInt() != 8);
        assertThat(update().path("exit-status").asInt())
                .as(update().toPrettyString())
                .isZero();
        for (Map.Entry<VmName, BareGuest> one : guests.entrySet()) {
            VmName name = one.getKey();
            BareGuest guest = one.getValue();
            assertThat(runners(name)).as("processes of " + name).hasSize(1);
            JsonNode vm = client().get("/v1/vms/" + name);
            assertThat(vm.path("vm-status").path("generation").asInt())
                    .as(vm.toPrettyString())
                    .isEqualTo(1);
            assertThat(vm.path("vm-status").path("run-state").asText()).isEqualTo("running");
            guest.awaitCount(guest.count() + 2);
            assertThat(guest.boots()).isEqualTo(1);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
            long moved = 0;
            for (JsonNode operation : client().get("/v1/operations?vm=" + name).path("operations")) {
                moved += operation.path("outcome").path("exit-status").asInt(-1) == 0 ? 1 : 0;
            }
            assertThat(moved).as("updates of " + name).isEqualTo(1);
        }
        try (var left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.map(path -> path.getFileName().toString())
                            .filter(path -> path.startsWith("cprkit-"))
                            .filter(this::isOurs))
                    .as("folders of updates")
                    .isEmpty();
        }
    }

    /** Other tests may run beside this one, with updates of their own. */
    private boolean isOurs(String updateFolder) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .anyMatch(line -> line.contains(folder.toString()) && line.contains(updateFolder));
    }

    private void launch() throws Exception {
        VmRegistry registry = new VmRegistry(home);
        Launch launch = new Launch(registry, new LinuxHost(), Clock.systemUTC());
        Path script = VmmUnderTest.launcher(folder);
        for (int i = 0; i < GUESTS; i++) {
            VmName name = VmName.of("guest" + i).orElseThrow();
            BareGuest guest = new BareGuest(folder.resolve(name + ".console"));
            List<String> command = new ArrayList<>(List.of(script.toString()));
            command.addAll(BareGuest.machine("32M"));
            command.addAll(guest.consoleOptions());
            command.addAll(List.of("-kernel", BareGuest.image().toString()));
            Launch.Request request = new Launch.Request(name, command, folder, System.getenv(), true);
            Launch.Launched launched = launch.run(request, launch.plan(request), VmProcess.LIMIT);
            assertThat(launched.runState()).isEqualTo("running");
            guests.put(name, guest);
        }
        for (BareGuest guest : guests.values()) {
            guest.awaitCount(1);
        }
    }

    private void startAgent() throws Exception {
        List<String> command = new ArrayList<>(CprctlUnderTest.agent());
        command.addAll(List.of("run", "--config", folder.resolve("agent.toml").toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("agent.log").toFile()));
        Map<String, String> environment = new HashMap<>(Map.of(
                Home.RUNTIME_VARIABLE, home.runtime().toString(),
                Home.STATE_VARIABLE, home.state().toString()));
        builder.environment().putAll(environment);
        agent = builder.start();
        Await.until(
                LIMIT, () -> "the agent to answer", () -> AgentClient.answers(home.agentSocket()) || !agent.isAlive());
        assertThat(agent.isAlive())
                .as(Files.readString(folder.resolve("agent.log")))
                .isTrue();
    }

    private AgentClient client() {
        return new AgentClient(home.agentSocket(), VmProcess.LIMIT);
    }

    private JsonNode update() throws OperationException {
        return client().get(UPDATE);
    }

    private long ended() throws OperationException {
        long ended = 0;
        for (JsonNode vm : update().path("vms")) {
            ended += vm.path("progress").asText().equals("ended") ? 1 : 0;
        }
        return ended;
    }

    /** The processes that run a guest: those with its console among their arguments. */
    private List<ProcessHandle> runners(VmName name) {
        String console = folder.resolve(name + ".console").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.isAlive())
                .filter(process -> commandLine(process).contains(console + ","))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (java.io.IOException e) {
            return "";
        }
    }
}
