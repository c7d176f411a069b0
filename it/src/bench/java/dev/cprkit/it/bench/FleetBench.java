package dev.cprkit.it.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateStep;
import dev.cprkit.agent.vm.Launch;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * What the agent adds to an update: the same tiny guests are updated by the engine alone and through the agent, by turns,
 * one at a time; then all at once, four at a time. Arguments: the number of guests, the launchers of vmm and of cpr-agent,
 * the guest's image. Prints a table.
 */
public final class FleetBench {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int AT_ONCE = 4;

    private final int guests;
    private final Path vmm;
    private final Path image;
    private final Home home;
    private final List<VmName> names = new ArrayList<>();

    private FleetBench(int guests, Path vmm, Path image, Home home) {
        this.guests = guests;
        this.vmm = vmm;
        this.image = image;
        this.home = home;
    }

    /** How long one update took from its beginning to its end, and its pause, in ms. */
    private record Cost(double whole, double pause) {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("cprkit-fleet");
        Home home = new Home(folder.resolve("run"), folder.resolve("state"));
        FleetBench bench = new FleetBench(Integer.parseInt(args[0]), Path.of(args[1]), Path.of(args[3]), home);
        Path config = Files.writeString(
                folder.resolve("agent.toml"),
                "program-directories = [\"" + Path.of(args[1]).getParent() + "\"]\n");
        ProcessBuilder agent = new ProcessBuilder(args[2], "run", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile());
        agent.environment().put(Home.RUNTIME_VARIABLE, home.runtime().toString());
        agent.environment().put(Home.STATE_VARIABLE, home.state().toString());
        Process process = agent.start();
        try {
            await("the agent", () -> AgentClient.answers(home.agentSocket()));
            bench.run(process);
        } finally {
            process.destroyForcibly().waitFor();
            bench.end();
            remove(folder);
        }
    }

    private void run(Process agent) throws Exception {
        VmRegistry registry = new VmRegistry(home);
        for (int i = 0; i < guests; i++) {
            VmName name = VmName.of("guest" + i).orElseThrow();
            names.add(name);
            Launch launch = new Launch(registry, new LinuxHost(), Clock.systemUTC());
            List<String> command = List.of(
                    vmm.toString(),
                    "-machine",
                    "virt",
                    "-m",
                    "32M",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-serial",
                    "null",
                    "-kernel",
                    image.toString());
            Launch.Request request = new Launch.Request(name, command, home.runtime(), System.getenv(), true);
            launch.run(request, launch.plan(request), LIMIT);
        }
        List<Cost> engine = new ArrayList<>();
        List<Cost> through = new ArrayList<>();
        for (VmName name : names) {
            engine.add(byEngine(registry.find(name).orElseThrow().qmp()));
            through.add(throughAgent(name));
        }
        long before = System.nanoTime();
        ObjectNode all = JsonNodeFactory.instance
                .objectNode()
                .put("concurrency", AT_ONCE)
                .put("mode", "transfer")
                .put("timeout-s", 300);
        String wave = "/v1/host/update/wave";
        client().put(wave, all);
        await(
                "the end of the wave",
                () -> client().get(wave).path("exit-status").asInt() != ExitStatus.UNDER_WAY.number());
        double seconds = (System.nanoTime() - before) / 1e9;
        JsonNode ended = client().get(wave);
        System.out.printf(Locale.ROOT, "| one update at a time, median of %d | whole (ms) | pause (ms) |%n", guests);
        System.out.println("|---|---:|---:|");
        row("engine alone", engine);
        row("through the agent", through);
        System.out.printf(
                Locale.ROOT,
                "| ratio | %.2f | %.2f |%n",
                whole(through) / whole(engine),
                pause(through) / pause(engine));
        System.out.printf(
                Locale.ROOT,
                "%nall %d through the agent, %d at once: %.1f s, %s; the agent has %d MiB resident%n",
                guests,
                AT_ONCE,
                seconds,
                ended.path("status").asText(),
                resident(agent) >> 10);
    }

    private Cost byEngine(Path qmp) {
        LiveUpdate update = new LiveUpdate(
                UpdateRequest.of(qmp, Optional.empty(), LIMIT, MigMode.CPR_TRANSFER),
                new LinuxHost(),
                new Silent(),
                new Cancellation());
        UpdateResult result = update.run();
        if (result.status() != ExitStatus.OK) {
            throw new IllegalStateException(result.message());
        }
        Duration pause = result.handover()
                .flatMap(UpdateResult.Handover::pause)
                .map(one -> one.length())
                .orElse(Duration.ZERO);
        return new Cost(result.took().toNanos() / 1e6, pause.toNanos() / 1e6);
    }

    private Cost throughAgent(VmName name) throws Exception {
        long before = System.nanoTime();
        String one = "/v1/operations/bench." + name;
        ObjectNode spec = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "update")
                .put("vm", name.text())
                .put("mode", "transfer");
        JsonNode operation = client().put(one, spec);
        while (operation.path("exit-status").asInt() == ExitStatus.UNDER_WAY.number()) {
            operation = client().get(one + "?wait=30", LIMIT);
        }
        double whole = (System.nanoTime() - before) / 1e6;
        if (operation.path("exit-status").asInt() != 0) {
            throw new IllegalStateException(operation.toPrettyString());
        }
        return new Cost(whole, operation.path("outcome").path("pause-ms").asDouble());
    }

    private AgentClient client() {
        return new AgentClient(home.agentSocket(), LIMIT);
    }

    private static void row(String name, List<Cost> costs) {
        System.out.printf(Locale.ROOT, "| %s | %.0f | %.1f |%n", name, whole(costs), pause(costs));
    }

    private static double whole(List<Cost> costs) {
        return median(costs.stream().map(Cost::whole).toList());
    }

    private static double pause(List<Cost> costs) {
        return median(costs.stream().map(Cost::pause).toList());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    /** In KiB. */
    private static long resident(Process process) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private interface Condition {
        boolean holds() throws OperationException;
    }

    private static void await(String what, Condition condition) throws OperationException {
        long deadline = System.nanoTime() + LIMIT.multipliedBy(10).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(what + " did not come");
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void end() {
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            if (commandLine(process).contains(home.runtime() + "/vms/")) {
                process.destroyForcibly();
                var ignored = process.onExit().join();
            }
        }
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static final class Silent implements UpdateJournal {
        @Override
        public void entered(UpdateStep step) {}

        @Override
        public void found(Finding finding) {}
    }
}
