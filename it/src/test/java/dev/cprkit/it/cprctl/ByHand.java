package dev.cprkit.it.cprctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.it.vm.Await;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A QEMU of one riscv64 hart that somebody starts and drives by hand, with raw QMP. Closing ends it. */
final class ByHand implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** Memory that another process can have. */
    static final List<String> SHARED = List.of(
            "-object",
            "memory-backend-memfd,id=ram0,size=32M,share=on",
            "-machine",
            "memory-backend=ram0,aux-ram-share=on");

    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final Path qmp;
    private final Path output;
    private final List<String> command;
    private final Process process;

    private ByHand(Path folder, Path qmp, Path output, List<String> command, Process process) {
        this.folder = folder;
        this.qmp = qmp;
        this.output = output;
        this.command = List.copyOf(command);
        this.process = process;
    }

    /** Starts one and waits for nothing; its monitor is {@code name.qmp}. */
    static ByHand launch(Path qemu, Path folder, String name, List<String> options) throws IOException {
        List<String> machine = new ArrayList<>(List.of(
                "-M",
                "virt",
                "-bios",
                "none",
                "-kernel",
                RunningVm.image(folder).toString()));
        machine.addAll(options);
        return launchMachine(qemu, folder, name, machine);
    }

    /** The same for a machine of the caller's choice, without a guest. */
    static ByHand launchMachine(Path qemu, Path folder, String name, List<String> machine) throws IOException {
        Path qmp = folder.resolve(name + ".qmp");
        List<String> command = new ArrayList<>(List.of(qemu.toString()));
        command.addAll(machine);
        command.addAll(List.of(
                "-accel",
                "tcg",
                "-display",
                "none",
                "-nodefaults",
                "-m",
                "32M",
                "-qmp",
                "unix:" + qmp + ",server=on,wait=off"));
        Path output = Files.createTempFile(folder, name, ".out");
        return new ByHand(
                folder,
                qmp,
                output,
                command,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start());
    }

    /** Starts one that has its memory shared, and waits until it answers. */
    static ByHand start(Path qemu, Path folder, String name, String... options) throws Exception {
        List<String> all = new ArrayList<>(SHARED);
        all.addAll(List.of(options));
        return startWith(qemu, folder, name, all);
    }

    /** The same without memory of anybody's choice. */
    static ByHand startWith(Path qemu, Path folder, String name, List<String> options) throws Exception {
        ByHand vm = launch(qemu, folder, name, options);
        vm.awaitAnswer();
        return vm;
    }

    /** Waits until its monitor answers. */
    void awaitAnswer() throws Exception {
        Await.until(LIMIT, () -> "an answer of " + qmp + "; it printed " + output(), () -> {
            if (!process.isAlive()) {
                throw new IOException("it ended: " + output());
            }
            return answers();
        });
    }

    private boolean answers() {
        try {
            return !execute("query-status", "{}").isEmpty();
        } catch (QmpException e) {
            return false; // not there yet, or busy becoming another program
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Executes a command; {@code arguments} are JSON with single quotes. */
    JsonNode execute(String name, String arguments) throws QmpException, IOException {
        try (QmpClient client = QmpClient.connect(qmp, LIMIT)) {
            return client.execute(name, (ObjectNode) JSON.readTree(arguments.replace('\'', '"')), LIMIT);
        }
    }

    /** The error that a command gets; "none" if it gets none, and "gone" if the VM goes away over it. */
    String error(String name, String arguments) throws IOException {
        try {
            execute(name, arguments);
            return "none";
        } catch (QmpException.ErrorReply e) {
            return e.description();
        } catch (QmpException e) {
            return "gone";
        }
    }

    void mode(String mode) throws QmpException, IOException {
        execute("migrate-set-parameters", "{'mode':'" + mode + "'}");
    }

    String runState() throws QmpException, IOException {
        return execute("query-status", "{}").path("status").asText();
    }

    /** The first eight bytes of the guest's memory, where its program is. */
    String memory() throws QmpException, IOException {
        String line = execute("human-monitor-command", "{'command-line':'xp /2wx 0x80000000'}")
                .asText();
        return line.substring(line.indexOf(':') + 1).strip();
    }

    /** Eight bytes at a physical address. */
    long word(long address) throws QmpException, IOException {
        String line = execute("human-monitor-command", "{'command-line':'xp /1gx " + address + "'}")
                .asText();
        return Long.parseUnsignedLong(line.substring(line.lastIndexOf("0x") + 2).strip(), 16);
    }

    /** Hands the guest to another process as the manual says, one that was launched with {@link #incoming}. */
    void transferTo(ByHand next) throws Exception {
        Path cpr = folder.resolve("cpr.sock");
        Await.until(
                LIMIT,
                () -> "a listener at " + cpr + "; it printed " + next.output(),
                () -> new LinuxHost().isListening(cpr) || !next.process.isAlive());
        mode("cpr-transfer");
        execute("migrate", "{'channels':[" + channel("main", "main.sock") + "," + channel("cpr", "cpr.sock") + "]}");
        Await.until(
                LIMIT, () -> "an answer; it printed " + next.output(), () -> !next.process.isAlive() || next.answers());
        if (next.process.isAlive()) {
            next.execute("migrate-incoming", "{'channels':[" + channel("main", "main.sock") + "]}");
        }
    }

    private String channel(String type, String name) {
        return "{'channel-type':'" + type + "','addr':{'transport':'socket','type':'unix','path':'"
                + folder.resolve(name) + "'}}";
    }

    /** The options of a process that waits for {@link #transferTo}. */
    static List<String> incoming(Path folder, List<String> memory, String... more) {
        List<String> options = new ArrayList<>(memory);
        options.addAll(List.of(
                "-incoming",
                "defer",
                "-incoming",
                "cpr,addr.transport=socket,addr.type=unix,addr.path=" + folder.resolve("cpr.sock")));
        options.addAll(List.of(more));
        return options;
    }

    /** Lets the process become its own program again, by way of a file. */
    void execItself() throws Exception {
        Path state = folder.resolve("state");
        List<String> next = new ArrayList<>(command);
        next.addAll(List.of("-incoming", "file:" + state));
        mode("cpr-exec");
        execute(
                "migrate-set-parameters",
                JSON.createObjectNode()
                        .set("cpr-exec-command", JSON.valueToTree(next))
                        .toString());
        execute("migrate", "{'uri':'file:" + state + "'}");
    }

    /** Waits until it is a program that has not been told to exec another one. */
    void awaitFreshProgram() throws Exception {
        Await.until(LIMIT, () -> "another program; it printed " + output(), () -> {
            try {
                return !execute("query-migrate-parameters", "{}")
                        .path("mode")
                        .asText()
                        .equals("cpr-exec");
            } catch (QmpException e) {
                return false; // between two programs
            }
        });
    }

    void awaitRunState(String state) throws Exception {
        Await.until(LIMIT, () -> "run state " + state + "; it printed " + output(), () -> {
            try {
                return runState().equals(state);
            } catch (QmpException e) {
                return false; // between two programs
            }
        });
    }

    /** Ends it as an operator would. */
    void terminate() {
        process.destroy();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Path qmp() {
        return qmp;
    }

    /** Waits for its end; everything that it has printed. */
    String awaitEnd() throws Exception {
        assertEnds();
        return output();
    }

    int status() throws Exception {
        assertEnds();
        return process.exitValue();
    }

    private void assertEnds() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end; it printed " + output());
        }
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    /** What the checks say of it. */
    CheckReport check(Optional<Path> to) throws IOException {
        return CheckReport.of(qmp, to, new LinuxHost(), LIMIT);
    }

    /** The codes of what they say about a mode. */
    List<String> codes(MigMode mode) throws IOException {
        return codes(check(Optional.empty()), mode);
    }

    static List<String> codes(CheckReport report, MigMode mode) {
        return report.mode(mode).orElseThrow().findings().stream()
                .map(Finding::code)
                .map(Finding.Code::codeName)
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
