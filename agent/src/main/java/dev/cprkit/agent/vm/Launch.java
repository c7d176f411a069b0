package dev.cprkit.agent.vm;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a VM under a name, in a session of its own, so that it outlives whoever launched it. Any thread may call.
 *
 * <p>The name is entered before the process is started: should we be ended in between, the VM is known and shown as gone,
 * or as what it is. A launch that fails ends the process that it started and takes the name out again.
 */
public final class Launch {
    private static final Duration SLICE = Duration.ofMillis(20);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int TAIL_BYTES = 4096;
    private static final int TAIL_LINES = 12;

    /** A unix socket's path has at most 107 bytes, and updates make it longer by ".g" and a number (unix(7)). */
    private static final int MOST_PATH_BYTES = 107;

    private final VmRegistry registry;
    private final ProcessHost host;
    private final Clock clock;

    public Launch(VmRegistry registry, ProcessHost host, Clock clock) {
        this.registry = registry;
        this.host = host;
        this.clock = clock;
    }

    /**
     * What to launch.
     *
     * @param command the program and its arguments; a program without a slash is looked for in {@code PATH}
     * @param directory in which it starts, absolute
     * @param environment that it gets
     * @param makeUpdatable whether to change the arguments so that the VM can be updated
     */
    public record Request(
            VmName name, List<String> command, Path directory, Map<String, String> environment, boolean makeUpdatable) {
        public Request {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * A VM that was launched.
     *
     * @param log what it prints
     */
    public record Launched(VmRecord vm, long pid, String version, String runState, Path log) {}

    /**
     * What would be started. Asks the program for its machines, and does nothing else.
     *
     * @throws OperationException with {@link ExitStatus#USAGE} if there is no such program
     */
    public LaunchPlan plan(Request request) throws OperationException {
        List<String> command = request.command();
        if (command.isEmpty()) {
            throw new OperationException(ExitStatus.USAGE, "say what to launch: cprctl launch NAME -- COMMAND...");
        }
        Path executable = executable(request);
        Program program = Program.of(command, executable);
        Map<String, String> aliases =
                MachineAliases.in(ProgramQuestion.ask(program.words(), ANSWER, "-machine", "help"));
        LaunchPlan plan = new LaunchArguments(registry.folder(request.name()), aliases, request.makeUpdatable())
                .plan(program, request.directory());
        if (plan.qmp().toString().getBytes(StandardCharsets.UTF_8).length + ".g99".length() > MOST_PATH_BYTES) {
            throw new OperationException(
                    ExitStatus.USAGE,
                    "the QMP socket's path " + plan.qmp() + " is too long for a unix socket; use a shorter one"
                            + " (CPRKIT_RUNTIME_DIR moves the VMs' folders)");
        }
        return plan;
    }

    private static Path executable(Request request) throws OperationException {
        String program = request.command().getFirst();
        if (program.contains("/")) {
            Path path = request.directory().resolve(program).normalize();
            if (Files.isRegularFile(path) && Files.isExecutable(path)) {
                return path;
            }
            throw new OperationException(
                    ExitStatus.USAGE,
                    Files.exists(path) ? path + " is not an executable file" : "there is no program " + path);
        }
        for (String folder : request.environment().getOrDefault("PATH", "").split(":", -1)) {
            Path candidate = Path.of(folder).resolve(program);
            if (candidate.isAbsolute() && Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new OperationException(
                ExitStatus.USAGE, "there is no program '" + program + "' in PATH; give its whole path");
    }

    /**
     * Starts what was planned, and returns when the VM answers.
     *
     * @param limit for the VM to answer
     * @throws OperationException with {@link ExitStatus#CONFLICT} if a VM of that name runs, with
     *     {@link ExitStatus#ABORTED} if the process ended or did not answer in time; nothing of it is left then
     */
    public Launched run(Request request, LaunchPlan plan, Duration limit) throws OperationException {
        VmRecord vm =
                new VmRecord(request.name(), VmRecord.Origin.LAUNCHED, plan.qmp(), plan.command(), clock.instant());
        Path log = registry.folder(request.name()).resolve("log");
        try (VmRegistry.Hold _ = new Naming(registry).enter(vm)) {
            try {
                HostProcess process = host.start(plan.command(), request.directory(), request.environment(), log);
                return answered(vm, process, log, limit);
            } catch (OperationException | IOException | RuntimeException e) {
                boolean interrupted = Thread.interrupted(); // which a lock on a file does not survive
                registry.remove(request.name());
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                throw e;
            }
        } catch (IOException e) {
            throw new OperationException(
                    ExitStatus.ABORTED,
                    Thread.currentThread().isInterrupted() ? "the launch was interrupted" : e.getMessage());
        }
    }

    private Launched answered(VmRecord vm, HostProcess process, Path log, Duration limit) throws OperationException {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean kept = false;
        try {
            for (; ; ) {
                Optional<Launched> answer = answer(vm, process, log);
                if (answer.isPresent()) {
                    kept = true;
                    return answer.get();
                }
                if (!process.isAlive()) {
                    throw failure(log, "the VM's process ended at once: " + process.ending());
                }
                if (System.nanoTime() - deadline > 0) {
                    throw failure(
                            log,
                            "the VM did not answer at " + vm.qmp() + " within " + limit.toSeconds()
                                    + " s, so its process was ended");
                }
                process.awaitEnd(SLICE);
                if (Thread.currentThread().isInterrupted()) {
                    throw failure(log, "the launch was interrupted, so its process was ended");
                }
            }
        } finally {
            if (!kept) {
                List<ProcessHandle> behindLauncher = ProcessHandle.of(process.pid())
                        .map(launcher -> launcher.descendants().toList())
                        .orElse(List.of());
                process.kill();
                behindLauncher.forEach(ProcessHandle::destroyForcibly);
                process.awaitEnd(ANSWER);
            }
        }
    }

    private static Optional<Launched> answer(VmRecord vm, HostProcess process, Path log) {
        if (!Files.exists(vm.qmp())) {
            return Optional.empty();
        }
        try (VmMonitor monitor = VmMonitor.open(vm.qmp(), ANSWER, () -> {})) {
            if (monitor.peer().pid() != process.pid() || !monitor.awaitGreeting(ANSWER)) {
                return Optional.empty();
            }
            QmpVersion version = monitor.negotiate();
            return Optional.of(new Launched(vm, process.pid(), version.toString(), monitor.runState(), log));
        } catch (QmpException e) {
            return Optional.empty(); // bound and not yet listening, or ended in between: whoever calls looks again
        }
    }

    private static OperationException failure(Path log, String what) {
        List<String> lines = LinuxHost.tail(log, TAIL_BYTES).lines().toList();
        List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
        String printed = last.isEmpty() ? "; it printed nothing" : "; it printed:\n  " + String.join("\n  ", last);
        return new OperationException(ExitStatus.ABORTED, what + printed);
    }
}
