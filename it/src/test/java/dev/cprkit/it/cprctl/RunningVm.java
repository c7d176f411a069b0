package dev.cprkit.it.cprctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A VM of one riscv64 hart whose guest counts in memory as fast as it can, with RAM in a shared file so that the test
 * can watch the counter from outside. Closing it ends whichever process has the guest then.
 */
final class RunningVm implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** {@code auipc t0,0; ld t1,64(t0); addi t1,t1,1; sd t1,64(t0); j -12}. */
    private static final int[] COUNT = {0x00000297, 0x0402b303, 0x00130313, 0x0462b023, 0xff5ff06f};

    private static final int COUNTER = 64;

    private final Path folder;
    private final Process process;
    private final Path ram;

    private RunningVm(Path folder, Path ram, Process process) {
        this.folder = folder;
        this.ram = ram;
        this.process = process;
    }

    /** Starts {@code program} with memory of {@code backend}: {@code memory-backend-memfd} or a file in the folder. */
    static RunningVm start(Path program, Path folder, boolean memfd, String... more) throws IOException {
        Path image = folder.resolve("count.bin");
        ByteBuffer code = ByteBuffer.allocate(COUNT.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(COUNT).forEach(code::putInt);
        Files.write(image, code.array());
        Path ram = folder.resolve("ram");
        String backend = memfd
                ? "memory-backend-memfd,id=ram0,size=64M,share=on"
                : "memory-backend-file,id=ram0,size=64M,share=on,mem-path=" + ram;
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "-M",
                "virt,aux-ram-share=on,memory-backend=ram0",
                "-object",
                backend,
                "-m",
                "64M",
                "-nodefaults",
                "-display",
                "none",
                "-bios",
                "none",
                "-kernel",
                image.toString(),
                "-serial",
                "unix:" + folder.resolve("vm.serial") + ",server=on,wait=off",
                "-qmp",
                "unix:" + folder.resolve("vm.qmp") + ",server=on,wait=off"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("vm.out").toFile())
                .start();
        RunningVm vm = new RunningVm(folder, ram, process);
        vm.await("the VM's monitor", () -> Files.exists(vm.qmp()) || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException("the VM ended: " + Files.readString(folder.resolve("vm.out")));
        }
        return vm;
    }

    Path qmp() {
        return folder.resolve("vm.qmp");
    }

    /** The id of the process that was started first. */
    long firstPid() {
        return process.pid();
    }

    boolean firstIsAlive() {
        return process.isAlive();
    }

    /** How far the guest has counted. */
    long counter() {
        try (FileChannel channel = FileChannel.open(ram, StandardOpenOption.READ)) {
            ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(value, COUNTER);
            return value.getLong(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How far the guest has counted, asked of the VM itself: for memory that no file shows. */
    long counterByMonitor() throws QmpException {
        JsonNode dump = execute(
                "human-monitor-command", "command-line", "xp /1gx 0x" + Long.toHexString(0x80000000L + COUNTER));
        String text = dump.asText().strip();
        return Long.parseUnsignedLong(text.substring(text.lastIndexOf("0x") + 2), 16);
    }

    String runState() throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            return qmp.execute("query-status", LIMIT).path("status").asText();
        }
    }

    void tell(String command) throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            qmp.execute(command, LIMIT);
        }
    }

    private JsonNode execute(String command, String key, String value) throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            return qmp.execute(command, JsonNodeFactory.instance.objectNode().put(key, value), LIMIT);
        }
    }

    /** Waits until something holds, or fails. */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what + " did not come within " + LIMIT.toSeconds() + " s");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws IOException {
        try (QmpClient qmp = QmpClient.open(qmp(), LIMIT)) {
            ProcessHandle.of(qmp.peer().pid()).ifPresent(ProcessHandle::destroyForcibly);
            qmp.awaitEnd(LIMIT);
        } catch (QmpException e) {
            // nobody has the guest any more
        }
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
