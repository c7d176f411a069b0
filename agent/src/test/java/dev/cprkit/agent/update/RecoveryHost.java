package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A host on which an update was cut off: processes that a test makes, with fake VMs behind them. */
final class RecoveryHost implements ProcessHost, AutoCloseable {
    static final long OLD = 101;
    static final long NEXT = 102;

    final Path folder;
    final Path privateFolder;
    final Map<Long, One> processes = new ConcurrentHashMap<>();
    final List<List<String>> started = new ArrayList<>();
    final List<String> programsThatFail = new ArrayList<>();
    boolean claimed;
    boolean ignoresShared;
    Map<String, String> environment = Map.of("A", "b");

    Consumer<FakeVm> shape = vm -> {};

    /** What a process does that is told to load. */
    Consumer<FakeVm> loads = vm -> {
        vm.migration = "completed";
        vm.runState = vm.afterCont;
    };

    List<PlugCommand> plugged = List.of();
    MigrationSettings settings = MigrationSettings.NONE;

    RecoveryHost(Path folder) throws IOException {
        this.folder = folder;
        this.privateFolder = Files.createDirectory(folder.resolve("private"));
    }

    /** A process with its VM. */
    static final class One implements HostProcess {
        final long pid;
        final Optional<FakeVm> vm;
        List<String> commandLine = List.of("/bin/vmm");
        volatile boolean alive = true;
        volatile boolean stubborn;
        volatile String ended = "";
        String mark = "";

        One(long pid, Optional<FakeVm> vm) {
            this.pid = pid;
            this.vm = vm;
            vm.ifPresent(one -> one.onQuit = () -> end("quit"));
        }

        private synchronized void end(String how) {
            if (alive && !stubborn) {
                vm.ifPresent(FakeVm::close);
                ended = how;
                alive = false;
            }
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public void terminate() {
            end("term");
        }

        @Override
        public void kill() {
            end("kill");
        }

        @Override
        public synchronized boolean awaitEnd(Duration limit) {
            return !alive;
        }

        @Override
        public String ending() {
            return ended;
        }
    }

    One process(long pid, String socket, String runState, String migration) throws IOException {
        FakeVm vm = new FakeVm(folder.resolve(socket), runState);
        vm.migration = migration;
        vm.answers.put("query-commands", a -> List.of(Map.of("name", "cont")));
        vm.answers.put("cont", a -> {
            vm.runState = vm.afterCont;
            return Map.of();
        });
        vm.answers.put("migrate_cancel", a -> {
            vm.migration = "cancelled";
            vm.runState = vm.afterCont;
            return Map.of();
        });
        One one = new One(pid, Optional.of(vm));
        processes.put(pid, one);
        return one;
    }

    /** One whose monitor nobody serves. */
    One silent(long pid) {
        One one = new One(pid, Optional.empty());
        processes.put(pid, one);
        return one;
    }

    Evidence evidence(MigMode mode, Optional<ProcessRef> next, List<PathMove> moves, String runState) {
        return new Evidence(
                mode,
                new ProcessRef(OLD, 1),
                folder.resolve("vm.qmp"),
                runState,
                "normal",
                Map.of("events", false),
                Map.of(),
                List.of("/bin/old", "-incoming", "defer"),
                environment,
                List.of(
                        "/bin/new",
                        "-incoming",
                        "defer",
                        "-qmp",
                        "unix:" + folder.resolve(moves.isEmpty() ? "vm.qmp" : "vm.g1.qmp")),
                folder,
                privateFolder,
                next,
                Optional.of(folder.resolve(moves.isEmpty() ? "vm.qmp" : "vm.g1.qmp")),
                moves,
                folder.resolve("vm.g1.qmp.log"),
                mode == MigMode.CPR_TRANSFER ? Optional.empty() : Optional.of(privateFolder.resolve("state")),
                ignoresShared,
                plugged,
                settings);
    }

    List<PathMove> moves() {
        return List.of(new PathMove(
                "qmp",
                PathMove.Kind.SOCKET,
                folder.resolve("vm.qmp").toString(),
                folder.resolve("vm.g1.qmp").toString(),
                folder.resolve("vm.qmp").toString()));
    }

    @Override
    public ProcessFacts facts(long pid) throws IOException {
        if (!processes.containsKey(pid)) {
            throw new IOException("process " + pid + " does not exist any more");
        }
        return new ProcessFacts(pid, 0, processes.get(pid).commandLine, Path.of("/bin/vmm"), folder, new HashMap<>());
    }

    @Override
    public Optional<ProcessRef> ref(long pid) {
        return Optional.ofNullable(processes.get(pid)).filter(One::isAlive).map(one -> new ProcessRef(pid, 1));
    }

    @Override
    public Optional<Path> printsTo(long pid) {
        return Optional.empty();
    }

    @Override
    public Optional<HostProcess> attach(long pid) {
        return Optional.ofNullable(processes.get(pid));
    }

    @Override
    public HostProcess start(List<String> command, Path directory, Map<String, String> environment, Path output)
            throws IOException {
        started.add(command);
        if (programsThatFail.contains(command.getFirst())) {
            throw new IOException("no such program: " + command.getFirst());
        }
        Files.writeString(output, "", StandardOpenOption.CREATE);
        One one = process(NEXT, "vm.qmp", "inmigrate", "none");
        FakeVm vm = one.vm.orElseThrow();
        shape.accept(vm);
        vm.answers.put("migrate-incoming", a -> {
            loads.accept(vm);
            return Map.of();
        });
        return one;
    }

    @Override
    public HostProcess start(
            List<String> command,
            Path directory,
            Map<String, String> environment,
            Path output,
            List<Integer> descriptors)
            throws IOException {
        return start(command, directory, environment, output);
    }

    @Override
    public List<Long> withArgument(String text) {
        return processes.values().stream()
                .filter(one -> one.alive && one.commandLine.stream().anyMatch(word -> word.contains(text)))
                .map(one -> one.pid)
                .toList();
    }

    @Override
    public List<Long> withVariable(String name, String value) {
        return processes.values().stream()
                .filter(one -> one.alive && one.mark.equals(name + "=" + value))
                .map(one -> one.pid)
                .toList();
    }

    @Override
    public boolean isListening(Path socket) {
        return processes.values().stream()
                .anyMatch(one ->
                        one.alive && one.vm.map(vm -> vm.path.equals(socket)).orElse(false));
    }

    @Override
    public Optional<Claim> claim(long pid) {
        return claimed ? Optional.empty() : Optional.of(() -> {});
    }

    @Override
    public int uid() {
        return 0;
    }

    @Override
    public void close() {
        processes.values().forEach(one -> one.vm.ifPresent(FakeVm::close));
    }
}
