package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.it.stream.Recording;
import dev.cprkit.it.stream.RecordingTarget;
import dev.cprkit.it.stream.ReplayingSource;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.it.vm.VmProcess;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.os.Fds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One case on one subject: its folder, the processes and connections that it makes, and their end. The test's thread.
 */
final class Trial {
    static final String RAM = "32M";

    private static final int TICK_OFFSET = 24;
    private static final int TICK = 200_000; // 20 ms of a 10 MHz clock

    private final Subject subject;
    private final Path folder;
    private final BareGuest guest;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<VmProcess> arrivals = new ArrayList<>();

    Trial(Subject subject, Path folder) throws Exception {
        this.subject = subject;
        this.folder = folder;
        this.guest = new BareGuest(folder.resolve("console"));
        byte[] image = Files.readAllBytes(BareGuest.image());
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putLong(TICK_OFFSET, TICK);
        Files.write(image(), image);
    }

    Subject subject() {
        return subject;
    }

    /** The guest of all processes, which share its console. */
    BareGuest guest() {
        return guest;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Path cprPath() {
        return folder.resolve("cpr");
    }

    Path mainPath() {
        return folder.resolve("main");
    }

    private Path image() {
        return folder.resolve("bare.bin");
    }

    /** The machine with its memory in a memfd, everything shared, events on. */
    List<String> machine() {
        return machine(BareGuest.machine(RAM));
    }

    /** The same with memory that no other process can have. */
    List<String> privateMachine() {
        return machine(List.of("-machine", "virt,aux-ram-share=on", "-m", RAM, "-nodefaults", "-display", "none"));
    }

    /** The guest and its console on a machine of these options. */
    List<String> machine(List<String> options) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-bios", "none", "-kernel", image().toString(), "-global", "migration.x-events=on"));
        all.addAll(guest.consoleOptions());
        return all;
    }

    /** Starts the subject with just these options and a QMP socket. */
    VmProcess start(String name, List<String> options) throws Exception {
        VmProcess vm = closed(VmProcess.start(subject.command(), folder, name, options));
        if (options.contains("-incoming")) {
            arrivals.add(vm);
        }
        return vm;
    }

    /** Ends something with this trial, in the reverse order. */
    <T extends AutoCloseable> T closed(T thing) {
        open.push(thing);
        return thing;
    }

    /** The usual machine with the guest that counts, in a process called {@code old}. */
    VmProcess source(String... more) throws Exception {
        List<String> options = machine();
        options.addAll(List.of(more));
        return start("old", options);
    }

    /** Starts the process that takes over, with both channels, and returns when it listens for CPR state. */
    VmProcess target(String... more) throws Exception {
        return target("new", machine(), "unix:" + mainPath(), more);
    }

    /** The same with another main channel or {@code defer}, and on another machine. */
    VmProcess target(String name, List<String> machine, String main, String... more) throws Exception {
        List<String> options = new ArrayList<>(machine);
        options.addAll(List.of("-incoming", main, "-incoming", cprOption()));
        options.addAll(List.of(more));
        VmProcess target = start(name, options);
        awaitListener(target, cprPath());
        return target;
    }

    String cprOption() {
        return "cpr,addr.transport=socket,addr.type=unix,addr.path=" + cprPath();
    }

    void awaitListener(VmProcess process, Path path) throws Exception {
        Await.until(
                VmProcess.LIMIT,
                () -> path + "; it printed: " + process.output(),
                () -> VmProcess.isListening(path) || !process.isAlive());
    }

    /** The arguments of {@code migrate}: both channels where a target of this trial has them. */
    String channels() {
        return channels(unix(mainPath()), unix(cprPath()));
    }

    static String channels(String main, String cpr) {
        return "{'channels':[{'channel-type':'main','addr':" + main + "},{'channel-type':'cpr','addr':" + cpr + "}]}";
    }

    static String mainOnly(Path path) {
        return "{'channels':[{'channel-type':'main','addr':" + unix(path) + "}]}";
    }

    static String unix(Path path) {
        return "{'transport':'socket','type':'unix','path':'" + path + "'}";
    }

    void setMode(VmProcess vm, String mode) throws Exception {
        vm.execute("migrate-set-parameters", "{'mode':'" + mode + "'}");
    }

    static void setCapability(VmProcess vm, String name, boolean state) throws Exception {
        vm.execute(
                "migrate-set-capabilities", "{'capabilities':[{'capability':'" + name + "','state':" + state + "}]}");
    }

    /** Skips the case where the subject does not know a mode, which is how a client finds out. */
    void assumeMode(VmProcess vm, String mode) throws Exception {
        boolean known;
        try {
            setMode(vm, mode);
            known = true;
        } catch (QmpException.ErrorReply e) {
            known = false;
        }
        assumeTrue(known, () -> subject.kind() + " has no mode " + mode);
    }

    /** Sets the mode and migrates over both channels. */
    void migrate(VmProcess old) throws Exception {
        setMode(old, "cpr-transfer");
        old.execute("migrate", channels());
    }

    /** Migrates to a target that the test plays. */
    Recording record(VmProcess old) throws Exception {
        return closed(RecordingTarget.record(cprPath(), mainPath(), () -> migrate(old)));
    }

    /**
     * What came out of a source that runs, and is gone. Without what {@code vmm} sends along for another {@code vmm}:
     * the record of ownership, by which a new process sees that the test never gave the guest away, and the manifest, which
     * can be read only once.
     */
    Recording record() throws Exception {
        try (VmProcess old = source()) {
            guest.awaitCount(1);
            Recording recording = record(old);
            return subject.isVmm() ? recording.without("cprkit.owner").without("cprkit.state") : recording;
        }
    }

    /** Starts a target and sends it a recording's CPR state; returns at once. */
    VmProcess replayState(Recording recording, String... more) throws Exception {
        VmProcess target = target(more);
        sendState(recording);
        return target;
    }

    void sendState(Recording recording) throws Exception {
        int fd = ReplayingSource.sendState(cprPath(), recording);
        closed(() -> Fds.close(fd));
    }

    /** Starts a target and sends it all of a recording. */
    VmProcess replay(Recording recording, String... more) throws Exception {
        VmProcess target = replayState(recording, more);
        awaitListener(target, mainPath());
        assertThat(target.isAlive()).as(target.output()).isTrue();
        sendMain(recording);
        return target;
    }

    /** Sends the main stream to whoever listens, or will in a moment. */
    void sendMain(Recording recording) throws Exception {
        Await.until(VmProcess.LIMIT, () -> "nobody listens at " + mainPath(), () -> VmProcess.isListening(mainPath()));
        int fd = ReplayingSource.sendMain(mainPath(), recording.main());
        closed(() -> Fds.close(fd));
    }

    /** Asserts that a process ends with status 1 and what it printed has these parts, and is no stack trace. */
    void assertEnds(VmProcess vm, String... parts) throws Exception {
        assertThat(vm.awaitExit()).as(vm.output()).isEqualTo(1);
        assertThat(vm.output()).contains(parts).doesNotContain("\tat ");
    }

    /** Asserts that the guest is where it was and goes on counting. */
    void assertRuns(VmProcess vm) throws Exception {
        assertThat(vm.status()).as(vm.output()).isEqualTo("running");
        if (subject.isOld() && arrivals.contains(vm)) {
            return; // and sleeps on: see Difference.ARMED_TIMER
        }
        long now = guest.count();
        guest.awaitCount(now + 1);
        assertThat(guest.boots()).isEqualTo(1);
        assertThat(guest.unbroken()).as(guest.text()).isTrue();
    }

    /** Asserts that the subject is gone, as a QEMU that fails an assertion or follows a null pointer. */
    void assertCrashes(VmProcess vm, String command, String arguments) throws Exception {
        try {
            vm.execute(command, arguments);
        } catch (QmpException.Disconnected e) {
            assertThat(vm.awaitExit()).isGreaterThan(128);
            return;
        }
        throw new AssertionError(subject.kind() + " survived " + command + " " + arguments);
    }

    static String reason(VmProcess vm) throws Exception {
        return vm.execute("query-migrate").path("error-desc").asText();
    }

    /** Ends everything that was made here, the latest first. */
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
