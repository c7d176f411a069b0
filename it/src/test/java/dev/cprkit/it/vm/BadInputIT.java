package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is one clear line and exit status 1, or an error reply; never a stack trace, and the VM is unharmed. */
class BadInputIT {
    @TempDir
    private Path folder;

    static Stream<Arguments> commandLines() {
        return Stream.of(
                Arguments.of("-wrong", "-wrong: invalid option"),
                Arguments.of("-machine virt -kernel /no/such/kernel", "/no/such/kernel"),
                Arguments.of("-machine virt -m 0", "0"),
                Arguments.of("-machine virt -m 16E", "-m"),
                Arguments.of("-machine nosuch", "nosuch"),
                Arguments.of(
                        "-machine virt,memory-backend=r -object memory-backend-memfd,id=r,size=1000001 -m 1000001",
                        "1000001"),
                Arguments.of(
                        "-machine virt -object memory-backend-memfd,id=r,size=1M -object"
                                + " memory-backend-ram,id=r,size=1M",
                        "'r'"),
                Arguments.of("-machine virt,memory-backend=gone -m 64M", "gone"),
                Arguments.of("-machine virt -object memory-backend-epc,id=e,size=1M", "epc"),
                Arguments.of("-machine virt -serial chardev:gone", "gone"),
                Arguments.of("-machine virt -incoming nosuch:thing", "unknown migration protocol: nosuch:thing"),
                Arguments.of(
                        "-machine virt -incoming unix:/nosuch/x",
                        "-incoming unix:/nosuch/x: Failed to bind socket to /nosuch/x: No such file or directory"),
                Arguments.of("-machine virt -incoming file:/nosuch/x", "Could not open '/nosuch/x': No such file"),
                Arguments.of("-machine virt -incoming defer -loadvm x", "options are mutually exclusive"),
                Arguments.of(
                        "-machine virt -global migration.multifd-channels=0",
                        "Option multifd-channels expects a value between 1 and 255"),
                Arguments.of(
                        "-machine virt -global migration.x-events=maybe",
                        "can't apply global migration.x-events=maybe: Parameter 'x-events' expects 'on' or 'off'"));
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void aBadCommandLineIsOneLineAndStatusOne(String options, String part) throws Exception {
        try (VmProcess vm = VmProcess.startBare(
                folder,
                "bad",
                Stream.concat(Stream.of(options.split(" ", -1)), Stream.of("-nodefaults", "-display", "none"))
                        .toList())) {
            assertThat(vm.awaitExit()).as(vm.output()).isEqualTo(1);
            assertThat(vm.output().lines()).as(vm.output()).hasSize(1);
            assertThat(vm.output()).contains(part);
        }
    }

    static Stream<Arguments> cprStreams() {
        return Stream.of(
                Arguments.of(new byte[0], "Not a migration stream (bad magic 0)"),
                Arguments.of("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII), "(bad magic 47455420)"),
                Arguments.of(new byte[] {0x51, 0x43, 0x50, 0x52, 0, 0, 0, 9}, "Unsupported migration stream version 9"),
                Arguments.of(new byte[] {0x51, 0x43, 0x50, 0x52, 0, 0, 0, 1, 1, 0, 0, 0, 5, 'r', 'a'}, ""),
                Arguments.of(
                        new byte[] {
                            0x51, 0x43, 0x50, 0x52, 0, 0, 0, 1, 1, 0, 0, 0, 5, 'r', 'a', 'm', '0', 0, 0, 0, 0, 0, 0x20,
                            0
                        },
                        "no FD come with service byte"));
    }

    @ParameterizedTest
    @MethodSource("cprStreams")
    void aBadCprStreamEndsTheNewProcess(byte[] stream, String part) throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
            int fd = Sockets.connectUnix(Updates.cprPath(folder).toString());
            if (stream.length > 0) {
                Fds.write(fd, stream, 0, stream.length);
            }
            Sockets.shutdownWrite(fd);
            assertThat(next.awaitExit()).isEqualTo(1);
            Fds.close(fd);
            assertThat(next.output().lines()).as(next.output()).hasSize(1);
            assertThat(next.output()).contains(part);
        }
    }

    @Test
    void badQmpIsAnErrorReplyAndTheVmIsUnharmed() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            vm.qmp();
            String replies = say(vm, "{'execute':'qmp_capabilities'} {\"execute\": } {'execute':'query-status'}\n", 4);
            assertThat(replies).contains("JSON parse error").contains("\"status\": \"running\"");
            assertThat(vm.refused("nosuch", "{}")).isEqualTo("The command nosuch has not been found");
            assertThat(vm.refused("migrate", "{'uri':5}"))
                    .isEqualTo("Invalid parameter type for 'uri', expected: string");
            assertThat(vm.refused("stop", "{'now':true}")).isEqualTo("Parameter 'now' is unexpected");
            String huge = "{'execute':'" + "x".repeat(10 << 20) + "'}";
            assertThat(vm.refused("human-monitor-command", "{'command-line':5}"))
                    .contains("command-line");
            assertThat(say(vm, "{'execute':'qmp_capabilities'}" + huge + "{'execute':'query-status'}\n", 3))
                    .contains("\"error\"");
            assertThat(vm.status()).isEqualTo("running");
            guest.awaitCount(guest.count() + 1);
        }
    }

    /** Sends a text on a connection of its own, which needs a monitor that nobody else holds, and reads some lines. */
    private static String say(VmProcess vm, String text, int lines) throws Exception {
        vm.qmp().close();
        int fd = Sockets.connectUnix(vm.qmpPath().toString());
        try {
            byte[] bytes = text.replace('\'', '"').getBytes(StandardCharsets.US_ASCII);
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int at = 0; at < bytes.length; ) {
                        at += Fds.write(fd, bytes, at, Math.min(1 << 16, bytes.length - at));
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            StringBuilder replies = new StringBuilder();
            byte[] buffer = new byte[1 << 16];
            while (replies.chars().filter(c -> c == '\n').count() < lines) {
                int n = Fds.read(fd, buffer, 0, buffer.length);
                if (n <= 0) {
                    break;
                }
                replies.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
            }
            writer.join(10_000);
            return replies.toString();
        } finally {
            Fds.close(fd);
            vm.forgetQmp();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void signalsEndItCleanly(String signal) throws Exception {
        assumeFalse(signal.equals("INT") && ignoresSigint(), "this process ignores SIGINT, and so do its children");
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            vm.qmp();
            vm.signal(signal);
            assertThat(vm.awaitExit()).isZero();
            assertThat(vm.events()).contains("SHUTDOWN");
        }
        assertThat(Files.exists(folder.resolve("old.qmp"))).isFalse();
    }

    @Test
    void aSignalAlsoEndsTheWaitForAnOldProcess() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
            next.signal("TERM");
            assertThat(next.awaitExit()).as(next.output()).isZero();
        }
        assertThat(Files.exists(Updates.cprPath(folder))).isFalse();
    }

    @Test
    void aSignalAlsoEndsTheWaitForAClientOfAChardev() throws Exception {
        Path console = folder.resolve("console");
        List<String> options = List.of(
                "-machine",
                "virt",
                "-m",
                "64M",
                "-nodefaults",
                "-display",
                "none",
                "-serial",
                "unix:" + console + ",server=on");
        try (VmProcess vm = VmProcess.startBare(folder, "waits", options)) {
            Await.until(
                    VmProcess.LIMIT,
                    () -> "a console; it printed: " + vm.output(),
                    () -> VmProcess.isListening(console));
            vm.signal("TERM");
            assertThat(vm.awaitExit()).as(vm.output()).isZero();
        }
        Files.deleteIfExists(console);
    }

    @Test
    void aProcessInWhichNoGuestHasArrivedThrowsNoGuestsMemoryAway() throws Exception {
        Path ram = folder.resolve("ram");
        byte[] guests = new byte[64 << 20];
        guests[4711] = 1;
        Files.write(ram, guests);
        List<String> options = List.of(
                "-machine",
                "virt,memory-backend=ram0",
                "-m",
                "64M",
                "-nodefaults",
                "-display",
                "none",
                "-object",
                "memory-backend-file,id=ram0,size=64M,share=on,discard-data=on,mem-path=" + ram,
                "-incoming",
                "defer");
        try (VmProcess next = VmProcess.start(folder, "new", options)) {
            next.awaitStatus("inmigrate");
            next.execute("quit");
            assertThat(next.awaitExit()).isZero();
        }
        try (var file = FileChannel.open(ram)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            assertThat(file.read(one, 4711)).isEqualTo(1);
            assertThat(one.get(0))
                    .as("what another process, or the next one, goes on with")
                    .isEqualTo((byte) 1);
        }
    }

    /** A shell starts what it puts into the background with SIGINT ignored, and a JVM leaves that so (signal(7)). */
    private static boolean ignoresSigint() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:")) {
                return (Long.parseUnsignedLong(
                                        line.substring("SigIgn:".length()).strip(), 16)
                                & 1 << 1)
                        != 0;
            }
        }
        return false;
    }

    @Test
    void helpAndVersionAreOnStandardOutput() throws Exception {
        for (List<String> options :
                List.of(List.of("-help"), List.of("-version"), List.of("-machine", "help"), List.of("-cpu", "help"))) {
            try (VmProcess vm = VmProcess.startBare(folder, "help", options)) {
                assertThat(vm.awaitExit()).as(options + vm.output()).isZero();
                assertThat(vm.output()).isNotBlank();
            }
        }
    }
}
