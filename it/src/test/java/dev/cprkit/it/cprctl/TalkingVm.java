package dev.cprkit.it.cprctl;

import dev.cprkit.it.vm.Await;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A VM whose guest tells on its console how it is. Each line has the count that follows the one before and finds the
 * memory whole, or the guest was lost, doubled or damaged: whichever process it is in, it writes into the same file.
 * Closing ends every process of it.
 */
final class TalkingVm implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path folder;
    private final Process process;

    private TalkingVm(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Starts one, on QEMU with a disk and a network card, and waits for the guest's first line. */
    static TalkingVm start(Peer peer, Path program, Path folder) throws Exception {
        Files.deleteIfExists(console(folder));
        removeSockets(folder);
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(peer.machine().board());
        command.addAll(peer.machine().guest(folder));
        if (!peer.isOurs()) {
            command.addAll(peer.machine().devices(folder));
        }
        command.addAll(List.of(
                "-chardev",
                "file,id=console,path=" + console(folder) + ",append=on",
                "-serial",
                "chardev:console",
                "-qmp",
                "unix:" + qmp(folder) + ",server=on,wait=off"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("vm.out").toFile())
                .start();
        TalkingVm vm = new TalkingVm(folder, process);
        try {
            vm.awaitLines(1);
            Await.until(LIMIT, () -> "a monitor", vm::answers);
            return vm;
        } catch (IOException | AssertionError e) {
            vm.close();
            throw new IOException("the VM did not start: " + Files.readString(folder.resolve("vm.out")), e);
        }
    }

    /** Those of an earlier one, which was killed. */
    private static void removeSockets(Path folder) throws IOException {
        Files.createDirectories(qmp(folder).getParent());
        try (Stream<Path> left = Files.list(qmp(folder).getParent())) {
            for (Path one : left.toList()) {
                Files.delete(one);
            }
        }
    }

    private static Path console(Path folder) {
        return folder.resolve("console");
    }

    private static Path qmp(Path folder) {
        return folder.resolve("vm").resolve("vm.qmp");
    }

    Path qmp() {
        return qmp(folder);
    }

    /** The id of the process that has the guest. */
    long pid() throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            return qmp.peer().pid();
        }
    }

    private boolean answers() {
        try {
            return !runState().isEmpty();
        } catch (QmpException e) {
            return false;
        }
    }

    String runState() throws QmpException {
        return ask("query-status").path("status").asText();
    }

    com.fasterxml.jackson.databind.JsonNode ask(String command) throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            return qmp.execute(command, LIMIT);
        }
    }

    /** What the guest has printed, whole lines only. */
    private List<String> lines() throws IOException {
        if (!Files.exists(console(folder))) {
            return List.of();
        }
        String text = Files.readString(console(folder), StandardCharsets.ISO_8859_1);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    /** How many lines there are with a count. */
    long count() throws IOException {
        return lines().stream().filter(line -> line.startsWith("N ")).count();
    }

    /** Waits for so many lines more. */
    void awaitLines(int more) throws Exception {
        long before = count();
        Await.until(LIMIT, () -> more + " lines after " + before, () -> count() >= before + more);
    }

    /** The first line that is not as it has to be after those before; empty if there is none. */
    String firstBadLine() throws IOException {
        long expected = 0; // the banner; before it is the firmware's
        for (String line : lines()) {
            String[] words = line.strip().split(" ", -1);
            boolean good = words.length == 4
                    && words[0].equals("N")
                    && words[1].equals(Long.toString(expected))
                    && words[3].equals("ok");
            if (expected == 0) {
                expected = line.startsWith("bare guest:") ? 1 : 0;
            } else if (good) {
                expected++;
            } else {
                return "'" + line + "' instead of count " + expected;
            }
        }
        return expected == 0 ? "no banner" : "";
    }

    /** The processes that have, or wait for, this VM's guest. */
    List<Long> processes() throws IOException {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path one :
                    all.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
                if (commandLine(one).contains("path=" + console(folder))) {
                    found.add(Long.parseLong(one.getFileName().toString()));
                }
            }
        }
        return found;
    }

    /** Empty of one that has ended, reaped or not. */
    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        for (long pid : processes()) {
            ProcessHandle.of(pid).ifPresent(one -> {
                one.destroyForcibly();
                one.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            });
        }
        process.destroyForcibly();
        process.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }
}
