package dev.cprkit.vmm.cpr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.os.SharedPage;
import dev.cprkit.vmm.state.StateOutput;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CprStateTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    /** The example at the end of the reference's section 3.1. */
    private static final String EXAMPLE = "51435052" + "00000001" + "01" + "00000005" + "72616d3000" + "00000000" + "20"
            + "00" + "05" + "15" + "4370725374617465" + "2f7666696f2064657669636573" + "00000001" + "00";

    @Test
    void writesTheBytesOfTheReference() throws Exception {
        CprState state = new CprState();
        state.add("ram0", 0, 42);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(StateOutput.to(new StateOutput.Sink() {
            @Override
            public void write(byte[] part, int offset, int length) {
                bytes.write(part, offset, length);
            }

            @Override
            public void writeDescriptor(int fd) {
                assertThat(fd).isEqualTo(42);
                bytes.write(' ');
            }
        }));
        assertThat(HexFormat.of().formatHex(bytes.toByteArray())).isEqualTo(EXAMPLE);
    }

    @Test
    void descriptorsArriveByNameAndTheOldSideSeesTheHangUp() throws Exception {
        Path path = folder.resolve("cpr.sock");
        FutureTask<CprListener> receiver = inThread(() -> CprListener.receive(address(path), 20 * SECOND));
        try (SharedPage one = SharedPage.create("one");
                SharedPage two = SharedPage.create("two")) {
            dev.cprkit.vmm.memory.HostMemory.putLong(two.address(), 77);
            CprState state = new CprState();
            state.add("ram0", 0, one.fd());
            state.add("ram0", 1, two.fd());
            state.add("ram0", 1, one.fd());
            try (CprChannel channel = send(path, state)) {
                CprListener listener = receiver.get(20, TimeUnit.SECONDS);
                assertThat(path).doesNotExist();
                assertThat(listener.state().names()).containsExactly("ram0", "ram0");
                try (SharedPage mapped =
                        SharedPage.map(listener.state().take("ram0", 1).orElseThrow())) {
                    assertThat(dev.cprkit.vmm.memory.HostMemory.getLong(mapped.address()))
                            .isEqualTo(77);
                }
                assertThat(listener.state().take("ram0", 1)).isEmpty();
                assertThat(listener.state().take("nosuch", 0)).isEmpty();
                listener.state().closeRest();
                listener.hangUp();
                assertThat(SocketMessages.receive(channel.fd(), new byte[1], 0, 1)
                                .count())
                        .isZero();
            }
        }
    }

    @Test
    void anInheritedListenerIsUsed() throws Exception {
        Path path = folder.resolve("cpr.sock");
        int listener = Sockets.listenUnix(path.toString(), 1);
        FutureTask<CprListener> receiver = inThread(() -> CprListener.receive(
                new MigrationAddress.Socket(new SocketAddress.Fd(Integer.toString(listener))), 20 * SECOND));
        try (CprChannel channel = send(path, new CprState())) {
            assertThat(channel.fd()).isNotNegative();
            receiver.get(20, TimeUnit.SECONDS).hangUp();
        }
    }

    @Test
    void abstractNamesWork() throws Exception {
        MigrationAddress address = new MigrationAddress.Socket(
                new SocketAddress.Unix("cprkit-test-" + ProcessHandle.current().pid(), true, false));
        FutureTask<CprListener> receiver = inThread(() -> CprListener.receive(address, 20 * SECOND));
        CprChannel channel = retry(() -> CprChannel.send(address, new CprState(), 5 * SECOND));
        receiver.get(20, TimeUnit.SECONDS).hangUp();
        channel.close();
    }

    @Test
    void rubbishIsRefusedWithAClearText() throws Exception {
        refuses("", "Not a migration stream (bad magic 0)");
        refuses("51455652", "Not a migration stream (bad magic 51455652)");
        refuses("5143505200000002", "Unsupported migration stream version 2");
        refuses("5143505200000001", "Failed to load CprState state: stream error: -5");
        refuses(EXAMPLE, "cpr-in no FD come with service byte");
        refuses(EXAMPLE.substring(0, 44) + "58", "cpr-in unexpected service byte: 88(X)");
        refuses(
                "5143505200000001" + "00" + "0510"
                        + HexFormat.of()
                                .formatHex("CprState/unknown".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        + "00000001",
                "VM subsection 'CprState/unknown' in 'CprState' does not exist");
        refuses("5143505200000001" + "00" + "aa", "there is more behind the CPR state than its list of descriptors");
        for (int length = 8; length < EXAMPLE.length() - 4; length += 6) {
            refuses(EXAMPLE.substring(0, length), "");
        }
    }

    @Test
    void refusesOtherSockets() {
        assertThatThrownBy(() -> CprListener.receive(
                        new MigrationAddress.Socket(new SocketAddress.Inet("localhost", "1")), SECOND))
                .hasMessage("bad cpr channel socket type; must be unix");
        assertThatThrownBy(
                        () -> CprListener.receive(new MigrationAddress.Socket(new SocketAddress.Fd("999999")), SECOND))
                .hasMessageStartingWith("Invalid file descriptor number '999999'");
        assertThatThrownBy(() -> CprChannel.send(
                        new MigrationAddress.Socket(new SocketAddress.Inet("localhost", "1")), new CprState(), SECOND))
                .hasMessage("bad cpr channel address; must be unix");
        assertThatThrownBy(() -> CprChannel.send(address(folder.resolve("none")), new CprState(), SECOND))
                .hasMessage("Failed to connect to '" + folder.resolve("none") + "': No such file or directory");
    }

    @Test
    void waitsHaveALimit() throws Exception {
        Path path = folder.resolve("cpr.sock");
        assertThatThrownBy(() -> CprListener.receive(address(path), 1_000_000))
                .hasMessageStartingWith("no old process connected");
        int listener = Sockets.listenUnix(path.toString(), 0);
        int filler = Sockets.connectUnix(path.toString());
        try {
            assertThatThrownBy(() -> CprChannel.send(address(path), new CprState(), 20_000_000))
                    .hasMessageContaining("its listener does not accept");
        } finally {
            Fds.close(filler);
            Fds.close(listener);
        }
    }

    @Test
    void aQemuWithoutVfioIsUnderstood() throws Exception {
        String head = "5143505200000001" + "00";
        String subsection = "0515" + "4370725374617465" + "2f7666696f2064657669636573" + "00000001";
        assertThat(receive(head).names()).as("QEMU 10.0").isEmpty();
        assertThat(receive(head + subsection).names()).as("built without VFIO").isEmpty();
        assertThat(receive(head + subsection + "00").names())
                .as("no VFIO device")
                .isEmpty();
        refuses(head + subsection + "01", "hands over VFIO devices");
    }

    private CprState receive(String hex) throws Exception {
        Path path = folder.resolve("cpr.sock");
        FutureTask<CprListener> receiver = inThread(() -> CprListener.receive(address(path), 20 * SECOND));
        int fd = retry(() -> Sockets.connectUnix(path.toString()));
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(SocketMessages.send(fd, bytes, 0, bytes.length)).isEqualTo(bytes.length);
        Sockets.shutdownWrite(fd);
        CprListener listener = receiver.get(20, TimeUnit.SECONDS);
        listener.hangUp();
        Fds.close(fd);
        return listener.state();
    }

    private void refuses(String hex, String message) throws Exception {
        Path path = folder.resolve("cpr.sock");
        Files.deleteIfExists(path);
        FutureTask<CprListener> receiver = inThread(() -> CprListener.receive(address(path), 20 * SECOND));
        int fd = retry(() -> Sockets.connectUnix(path.toString()));
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length > 0) {
            assertThat(SocketMessages.send(fd, bytes, 0, bytes.length)).isEqualTo(bytes.length);
        }
        Sockets.shutdownWrite(fd);
        assertThatThrownBy(() -> receiver.get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(CprException.class)
                .hasMessageContaining(message);
        Fds.close(fd);
    }

    private static CprChannel send(Path path, CprState state) throws Exception {
        return retry(() -> CprChannel.send(address(path), state, 5 * SECOND));
    }

    /** Until the other thread listens. */
    private static <T> T retry(Callable<T> action) throws Exception {
        long start = System.nanoTime();
        for (; ; ) {
            try {
                return action.call();
            } catch (Exception e) {
                if (System.nanoTime() - start > 20 * SECOND) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private static MigrationAddress address(Path path) {
        return new MigrationAddress.Socket(new SocketAddress.Unix(path.toString()));
    }

    private static <T> FutureTask<T> inThread(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
