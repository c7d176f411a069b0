package dev.cprkit.it.cprctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.it.vm.Await;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A VM of one riscv64 hart whose guest counts in memory as fast as it can. The test watches the counter from outside,
 * through the first process's memfd, which it holds open: a guest that goes on counting there after an update is the
 * same guest in the same memory. Closing ends whichever process has the guest then.
 */
final class RunningVm implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /**
     * Counts, and sleeps for 0.8 ms: a guest that leaves the processor to the others on this host. By the supervisor's timer,
     * since QEMU 10.0 forgets the machine's in an update.
     *
     * <pre>
     *      auipc t0,0                      1: ld t1,64(t0);   addi t1,t1,1;   sd t1,64(t0)
     *      li t2,-1;       slli t2,t2,63;  csrs menvcfg,t2                              STCE
     *      li t2,0x20;     csrs mie,t2                                                  STIE: wakes, and does not trap
     *      rdtime t4;      lui t5,2;       add t4,t4,t5;      csrw stimecmp,t4          8192 ticks later
     *      wfi;            j 1b
     * </pre>
     */
    private static final int[] COUNT = {
        0x00000297,
        0x0402b303,
        0x00130313,
        0x0462b023,
        0xfff00393,
        0x03f39393,
        0x30a3a073,
        0x02000393,
        0x3043a073,
        0xc0102ef3,
        0x00002f37,
        0x01ee8eb3,
        0x14de9073,
        0x10500073,
        0xfcdff06f
    };

    private static final int COUNTER = 64;

    private static final long RAM_BYTES = 64 << 20;

    private final Path folder;
    private final Process process;
    private Optional<FileChannel> ram = Optional.empty();

    private RunningVm(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Starts {@code program} with {@code more} options. */
    static RunningVm start(Path program, Path folder, String... more) throws Exception {
        return startWith(program, folder, "memory-backend-memfd,id=ram0,size=64M,share=on", more);
    }

    /** The same with memory in a file, which is there without any process. */
    static RunningVm startWithMemoryInFile(Path program, Path folder) throws Exception {
        Path memory = folder.resolve("memory");
        RunningVm vm = startWith(program, folder, "memory-backend-file,id=ram0,size=64M,share=on,mem-path=" + memory);
        vm.ram = Optional.of(FileChannel.open(memory, StandardOpenOption.READ));
        return vm;
    }

    /** From now on the counter is that of the process that has the guest now: its memory was copied. */
    void follow() throws IOException, QmpException {
        if (ram.isPresent()) {
            ram.get().close();
        }
        ram = memfd(pid());
    }

    /** The id of the process that has the guest. */
    long pid() throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            return qmp.peer().pid();
        }
    }

    private static RunningVm startWith(Path program, Path folder, String backend, String... more) throws Exception {
        Path image = image(folder);
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
        RunningVm vm = new RunningVm(folder, process);
        try {
            vm.await("the VM's monitor", () -> vm.answers() || !process.isAlive());
            if (!process.isAlive()) {
                throw new IOException("the VM ended: " + Files.readString(folder.resolve("vm.out")));
            }
            vm.ram = memfd(process.pid()); // it answers, so its memory is there
            return vm;
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** The guest's program, in a file of that folder. */
    static Path image(Path folder) throws IOException {
        Path image = folder.resolve("count.bin");
        ByteBuffer code = ByteBuffer.allocate(COUNT.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(COUNT).forEach(code::putInt);
        Files.write(image, code.array());
        return image;
    }

    /** The same with memory that no other process could have. */
    static RunningVm startWithPrivateMemory(Path program, Path folder) throws Exception {
        return startWith(program, folder, "memory-backend-ram,id=ram0,size=64M");
    }

    private static Optional<FileChannel> memfd(long pid) throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path fd : fds.toList()) {
                if (isRam(fd)) {
                    return Optional.of(FileChannel.open(fd, StandardOpenOption.READ));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isRam(Path fd) throws IOException {
        try {
            return Files.readSymbolicLink(fd).toString().startsWith("/memfd:") && Files.size(fd) == RAM_BYTES;
        } catch (NoSuchFileException e) {
            return false; // closed since the folder was read
        }
    }

    /** Whether somebody listens on its monitor. */
    boolean listens() {
        try (QmpClient qmp = QmpClient.open(qmp(), LIMIT)) {
            return !qmp.isClosed();
        } catch (QmpException e) {
            return false; // not bound yet, or bound and not yet listening
        }
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
        try {
            ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            ram.orElseThrow().read(value, COUNTER);
            return value.getLong(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    void tell(String command, String argument, String value) throws QmpException {
        try (QmpClient qmp = QmpClient.connect(qmp(), LIMIT)) {
            qmp.execute(command, JsonNodeFactory.instance.objectNode().put(argument, value), LIMIT);
        }
    }

    private boolean answers() {
        try {
            return !runState().isEmpty();
        } catch (QmpException e) {
            return false;
        }
    }

    boolean isInState(String state) {
        try {
            return runState().equals(state);
        } catch (QmpException e) {
            return false;
        }
    }

    /** Kills the process that has the guest. */
    void kill() {
        try (QmpClient qmp = QmpClient.open(qmp(), LIMIT)) {
            ProcessHandle.of(qmp.peer().pid()).ifPresent(ProcessHandle::destroyForcibly);
        } catch (QmpException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    /** Waits until something holds, or fails. */
    void await(String what, Await.Condition condition) throws Exception {
        Await.until(LIMIT, () -> what + " did not come", condition);
    }

    @Override
    public void close() throws IOException {
        if (ram.isPresent()) {
            ram.get().close();
        }
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
