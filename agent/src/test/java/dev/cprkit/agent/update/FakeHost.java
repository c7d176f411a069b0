package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A host with a fake old VM, which on {@link #start} gets a fake new one. Both behave as QEMU does with a return path,
 * until a test changes an answer, or replaces a step of {@link #switchOver}.
 */
final class FakeHost implements ProcessHost, AutoCloseable {
    final Path folder;
    final FakeVm oldVm;
    final FakeProcess oldProcess;
    final List<String> arguments = new ArrayList<>();
    Optional<FakeVm> newVm = Optional.empty();
    FakeProcess newProcess = new FakeProcess();
    String expectedState;
    Consumer<FakeVm> shape = vm -> {};
    boolean asksForMemory = true;
    boolean diesAtOnce;
    boolean claimed;
    List<Long> leftovers = List.of();
    int uid = 1000;
    String prints = "";
    List<String> started = List.of();
    Runnable loaded = this::newRuns;

    FakeHost(Path folder, String runState) throws IOException {
        this.folder = folder;
        this.expectedState = runState;
        Path qmp = folder.resolve("vm.qmp");
        oldVm = new FakeVm(qmp, runState);
        arguments.addAll(List.of(
                "-M",
                "virt,memory-backend=ram0",
                "-object",
                "memory-backend-memfd,id=ram0,size=1M",
                "-qmp",
                "unix:" + qmp + ",server=on,wait=off"));
        oldProcess = new FakeProcess();
        oldProcess.onEnd = oldVm::close;
        oldVm.onQuit = oldProcess::kill;
        oldVm.answers.put("migrate", a -> {
            oldVm.migration("setup");
            return Map.of();
        });
        oldVm.answers.put("migrate_cancel", a -> {
            oldVm.migration("cancelled");
            return Map.of();
        });
    }

    /** What happens when the new VM is told to listen, on its monitor's thread. */
    void switchOver() {
        if (expectedState.equals("running")) {
            oldVm.event("STOP", Map.of());
        }
        oldVm.runState = "finish-migrate";
        oldVm.migration("active");
        oldVm.migration("device");
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
    }

    void oldCompletes() {
        oldVm.runState = "postmigrate";
        oldVm.migration("completed");
    }

    /** What the old VM notices of the new one's end. */
    private void newIsGone() {
        newVm.ifPresent(FakeVm::close);
        if (List.of("setup", "active", "device").contains(oldVm.migration)) {
            oldVm.error = "Broken pipe";
            oldVm.runState = expectedState;
            oldVm.migration("failed");
        }
    }

    @Override
    public ProcessFacts facts(long pid) {
        List<String> words = new ArrayList<>(List.of("/bin/true"));
        words.addAll(arguments);
        return new ProcessFacts(pid, 1000, words, Path.of("/bin/true"), folder, Map.of("A", "b"));
    }

    @Override
    public Optional<HostProcess> attach(long pid) {
        return Optional.of(oldProcess);
    }

    @Override
    public HostProcess start(List<String> command, Path directory, Map<String, String> environment, Path output)
            throws IOException {
        started = command;
        Files.writeString(output, prints);
        newProcess.onEnd = this::newIsGone;
        if (diesAtOnce) {
            newProcess.kill();
            return newProcess;
        }
        FakeVm vm = new FakeVm(folder.resolve("vm.g1.qmp"), "inmigrate");
        newVm = Optional.of(vm);
        vm.answers.put("migrate-incoming", a -> {
            switchOver();
            return Map.of();
        });
        shape.accept(vm);
        return newProcess;
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
        return claimed ? Optional.empty() : Optional.of(() -> {});
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
        volatile boolean alive = true;
        volatile boolean stubborn;
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
            end();
        }

        private void end() {
            if (alive) {
                alive = false;
                onEnd.run();
            }
        }

        @Override
        public boolean awaitEnd(Duration limit) {
            return !alive;
        }

        @Override
        public String ending() {
            return alive ? "" : "exit status 1";
        }
    }
}
