package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A host with a fake old VM, which on {@link #start} gets a fake new one. Both behave as QEMU does with a return path,
 * until a test changes an answer, or replaces a step of {@link #switchOver}.
 */
final class FakeHost implements ProcessHost, AutoCloseable {
    private static final long BEHIND = 77;

    final Path folder;
    final FakeVm oldVm;
    final FakeProcess oldProcess;
    final List<String> arguments = new ArrayList<>();
    Optional<FakeVm> newVm = Optional.empty();
    FakeProcess newProcess = new FakeProcess();
    String expectedState;
    Consumer<FakeVm> shape = vm -> {};
    Path executable = Path.of("/bin/true");
    boolean asksForMemory = true;
    boolean diesAtOnce;
    Path directory;
    Map<String, String> environment = Map.of("A", "b");
    boolean claimed;

    /** What a launcher has started, that is known by its environment only. */
    Optional<FakeProcess> behindLauncher = Optional.empty();

    /** Somebody else looks at the VM at this moment. */
    boolean checked;

    List<Long> leftovers = List.of();
    int uid = 1000;
    String prints = "";
    List<String> started = List.of();
    Map<String, String> startedWith = Map.of();
    final List<List<String>> starts = new ArrayList<>();
    final List<String> execCommand = new ArrayList<>();
    int deadStarts;
    Optional<Path> printed = Optional.empty();
    Path stateFile;
    Runnable loaded = this::newRuns;
    Runnable saved = this::saves;
    Runnable exec = this::becomesNew;
    private FakeVm source;
    private FakeProcess sourceProcess;

    FakeHost(Path folder, String runState) throws IOException {
        this.folder = folder;
        this.directory = folder;
        this.expectedState = runState;
        Path qmp = folder.resolve("vm.qmp");
        oldVm = new FakeVm(qmp, runState);
        source = oldVm;
        arguments.addAll(List.of(
                "-M",
                "virt,memory-backend=ram0",
                "-object",
                "memory-backend-memfd,id=ram0,size=1M",
                "-qmp",
                "unix:" + qmp + ",server=on,wait=off"));
        oldProcess = new FakeProcess();
        sourceProcess = oldProcess;
        oldProcess.onEnd = oldVm::close;
        canSend(oldVm, oldProcess);
    }

    /** Lets a VM behave as one does from which a guest goes. */
    private void canSend(FakeVm vm, FakeProcess process) {
        vm.onQuit = process::kill;
        vm.answers.put("migrate", a -> {
            if (a.path("channels").size() == 1) {
                stateFile = Path.of(
                        a.path("channels").path(0).path("addr").path("filename").asText());
                vm.afterReply = () -> saved.run();
            } else {
                vm.migration("setup");
            }
            return Map.of();
        });
        vm.answers.put("migrate_cancel", a -> {
            vm.runState = expectedState;
            vm.migration("cancelled");
            return Map.of();
        });
        FakeVm.Answer set = vm.answers.get("migrate-set-parameters");
        vm.answers.put("migrate-set-parameters", a -> {
            if (a.path("cpr-exec-command").size() > 0) {
                execCommand.clear();
                a.path("cpr-exec-command").forEach(word -> execCommand.add(word.asText()));
            }
            return set.to(a);
        });
    }

    /** What happens when a VM is told to save its guest into a file. */
    void saves() {
        stops();
        try {
            Files.writeString(stateFile, "state");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        source.runState = "postmigrate";
        source.migration("completed");
        if (source.mode.equals("cpr-exec")) {
            exec.run();
        }
    }

    /** The guest stands still and its state is being sent. */
    void stops() {
        if (expectedState.equals("running")) {
            source.event("STOP", Map.of());
        }
        source.runState = "finish-migrate";
        source.migration("active");
    }

    /** The program could not be replaced: the guest goes on. */
    void execFails() {
        source.error = "execvp /bin/true failed: No such file or directory";
        source.runState = expectedState;
        source.migration("failed");
        if (expectedState.equals("running")) {
            source.event("RESUME", Map.of());
        }
    }

    /** The source's program is replaced, and the next one has loaded everything. */
    void becomesNew() {
        becomes(expectedState, "completed");
    }

    /** The source's program is replaced, and the next one is in that state. */
    void becomes(String runState, String migration) {
        source.close();
        arguments.clear();
        arguments.addAll(execCommand.subList(1, execCommand.size()));
        try {
            source = new FakeVm(source.path, runState);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        source.migration = migration;
        shape.accept(source);
        newVm = Optional.of(source);
        sourceProcess.onEnd = source::close;
        canSend(source, sourceProcess);
    }

    /** What happens when the new VM is told to listen, on its monitor's thread. */
    void switchOver() {
        if (!source.migration.equals("completed")) { // a state in a file was sent before
            stops();
            source.migration("device");
        }
        loaded.run();
    }

    /** The new VM could load everything: it has the guest, and tells the old one. */
    void newRuns() {
        FakeVm vm = newVm.orElseThrow();
        if (expectedState.equals("running")) {
            vm.event("RESUME", Map.of());
        }
        vm.runState = expectedState;
        vm.migration("completed");
        oldCompletes();
        source = vm;
        sourceProcess = newProcess;
        arguments.clear();
        arguments.addAll(started.subList(1, started.size()));
    }

    void oldCompletes() {
        source.runState = "postmigrate";
        source.migration("completed");
    }

    /** What the old VM notices of the new one's end. */
    private void newIsGone(Optional<FakeVm> vm) {
        vm.ifPresent(FakeVm::close);
        if (List.of("setup", "active", "device").contains(source.migration)) {
            source.error = "Broken pipe";
            source.runState = expectedState;
            source.migration("failed");
        }
    }

    @Override
    public ProcessFacts facts(long pid) {
        List<String> words = new ArrayList<>(List.of(executable.toString()));
        words.addAll(arguments);
        return new ProcessFacts(pid, 1000, words, executable, directory, environment);
    }

    @Override
    public Optional<ProcessRef> ref(long pid) {
        return Optional.of(new ProcessRef(pid, 1));
    }

    @Override
    public Optional<Path> printsTo(long pid) {
        return printed;
    }

    @Override
    public Optional<HostProcess> attach(long pid) {
        return Optional.of(behindLauncher.isPresent() && pid == BEHIND ? behindLauncher.get() : sourceProcess);
    }

    @Override
    public HostProcess start(List<String> command, Path directory, Map<String, String> environment, Path output)
            throws IOException {
        if (!starts.isEmpty()) {
            newProcess = new FakeProcess();
        }
        started = command;
        startedWith = environment;
        starts.add(command);
        Files.writeString(output, prints);
        newProcess.onEnd = () -> newIsGone(Optional.empty());
        if (diesAtOnce || starts.size() <= deadStarts) {
            newProcess.kill();
            return newProcess;
        }
        FakeVm vm = new FakeVm(monitorOf(command), "inmigrate");
        newProcess.onEnd = () -> newIsGone(Optional.of(vm));
        canSend(vm, newProcess);
        newVm = Optional.of(vm);
        vm.answers.put("migrate-incoming", a -> {
            switchOver();
            return Map.of();
        });
        shape.accept(vm);
        return newProcess;
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

    private Path monitorOf(List<String> command) {
        String value = command.get(command.indexOf("-qmp") + 1);
        return folder.resolve(value.substring("unix:".length(), value.indexOf(',')));
    }

    @Override
    public List<Long> withVariable(String name, String value) {
        return behindLauncher.isPresent() && value.equals(startedWith.get(name)) ? List.of(BEHIND) : List.of();
    }

    @Override
    public List<Long> withArgument(String text) {
        return text.startsWith("unix:") ? leftovers : List.of();
    }

    @Override
    public boolean isListening(Path socket) {
        return socket.endsWith("cpr.sock") && asksForMemory && newProcess.isAlive() && newVm.isPresent();
    }

    @Override
    public Optional<Claim> claim(long pid) {
        return claimed || checked ? Optional.empty() : Optional.of(() -> {});
    }

    /** A check that somebody else makes has ended by then; an update has not. */
    @Override
    public Optional<Claim> claim(long pid, Duration patience) {
        checked = checked && !patience.isPositive();
        return claim(pid);
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public void close() {
        oldVm.close();
        newVm.ifPresent(FakeVm::close);
    }

    /** A process that ends when it is told to, or only by force, or not at all. */
    static final class FakeProcess implements HostProcess {
        /** Longer than it takes a fake to end, and shorter than anybody would wait for a real one. */
        private static final long A_WHILE = 200;

        volatile boolean alive = true;
        private volatile boolean ending;
        private final CountDownLatch ended = new CountDownLatch(1);
        volatile boolean stubborn;
        volatile boolean immortal;

        /** Its sockets are gone, and it is seen to end only by one who waits for that. */
        volatile boolean lingers;

        final List<String> signals = new ArrayList<>();
        Runnable onEnd = () -> {};

        @Override
        public long pid() {
            return ProcessHandle.current().pid(); // the kernel will say so of the fake monitors
        }

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public void terminate() {
            signals.add("TERM");
            if (!stubborn) {
                end();
            }
        }

        @Override
        public void kill() {
            signals.add("KILL");
            if (!immortal) {
                end();
            }
        }

        /** As the kernel does it: its sockets are gone before it is. */
        private void end() {
            if (!ending) {
                ending = true;
                onEnd.run();
                if (!lingers) {
                    gone();
                }
            }
        }

        private void gone() {
            alive = false;
            ended.countDown();
        }

        @Override
        public boolean awaitEnd(Duration limit) {
            if (ending) {
                gone();
            }
            try {
                ended.await(Math.min(limit.toMillis(), A_WHILE), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return !alive;
        }

        @Override
        public String ending() {
            return alive ? "" : "exit status 1";
        }
    }
}
