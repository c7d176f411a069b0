package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.LocalOperations;
import dev.cprkit.agent.operation.ManagedVms;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that runs one operation, for a test to kill: it says {@code at STATE} on standard output when it has reached the
 * state that it was given, which is in the journal by then, and does nothing more.
 */
final class Runner {
    static final Caller CALLER = new Caller("tester", "cprctl");

    private Runner() {}

    /** Arguments: the runtime folder, the state folder, the VM, the kind, the mode, the program, the state to stop at. */
    public static void main(String[] args) throws Exception {
        Home home = new Home(Path.of(args[0]), Path.of(args[1]));
        VmName vm = VmName.of(args[2]).orElseThrow();
        OperationKind kind = OperationKind.of(args[3]).orElseThrow();
        OperationSpec spec = new OperationSpec(
                kind,
                vm,
                args[5].isEmpty() ? Optional.empty() : Optional.of(Path.of(args[5])),
                ModeChoice.of(args[4]).orElseThrow(),
                Optional.empty(),
                Duration.ZERO,
                Duration.ofSeconds(60));
        try (Journal journal = Journal.open(home.journal());
                LocalOperations operations = operations(home, journal);
                var _ = operations.subscribe(new StopAt(args[6]))) {
            Operation operation = operations.begin(Optional.empty(), spec);
            operation = operations.await(operation.id(), Duration.ofSeconds(90));
            System.out.println("ended " + operation.outcome().orElseThrow().message());
        }
    }

    /** Lets such a process run an operation as far as a state, and kills it there. */
    static void runAndKill(Path folder, Home home, VmName vm, OperationKind kind, ModeChoice mode, UpdateState at)
            throws Exception {
        Path errors = folder.resolve("runner.err");
        Path temporary = Files.createDirectories(folder.resolve("tmp")); // a killed process leaves its libraries there
        Process runner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Runner.class.getName(),
                        home.runtime().toString(),
                        home.state().toString(),
                        vm.text(),
                        kind.kindName(),
                        mode.choiceName(),
                        "",
                        at.stateName())
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = runner.inputReader()) {
            assertThat(lines.readLine()).as(Files.readString(errors)).isEqualTo("at " + at.stateName());
        } finally {
            runner.destroyForcibly();
            assertThat(runner.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The operations of a home, as cprctl and the agent have them. */
    static LocalOperations operations(Home home, Journal journal) {
        return LocalOperations.of(home, journal, ManagedVms.of(new VmRegistry(home)), new LinuxHost(), 4, CALLER);
    }

    private record StopAt(String state) implements OperationListener {
        @Override
        public void entered(Operation operation, Operation.Step step) {
            if (step.state().stateName().equals(state)) {
                System.out.println("at " + state);
                System.out.flush();
                try {
                    boolean _ = new CountDownLatch(1).await(2, TimeUnit.MINUTES);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
