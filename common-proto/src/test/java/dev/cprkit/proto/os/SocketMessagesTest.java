package dev.cprkit.proto.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketMessagesTest {
    private final byte[] buffer = new byte[64];
    private int[] pair;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() throws Exception {
        pair = Sockets.pair();
    }

    @AfterEach
    void close() {
        Fds.close(pair[0]);
        Fds.close(pair[1]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16, SocketMessages.MAX_FDS})
    void descriptorsArriveWithTheirByteAndLeadToTheSameFile(int count) throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "the file");
        int fd = Fds.open(file.toString(), Fds.O_RDONLY, 0);
        int[] sent = new int[count];
        Arrays.fill(sent, fd);
        SocketMessages.send(pair[0], new byte[] {' '}, 0, 1, sent);
        Fds.close(fd);
        SocketMessages.Received received = SocketMessages.receive(pair[1], buffer, 0, buffer.length);
        assertThat(received.count()).isEqualTo(1);
        assertThat(received.fds()).hasSize(count).doesNotHaveDuplicates();
        int n = Fds.read(received.fds()[count - 1], buffer, 0, buffer.length);
        assertThat(new String(buffer, 0, n, StandardCharsets.US_ASCII)).isEqualTo("the file");
        for (int each : received.fds()) {
            Fds.close(each);
        }
    }

    @Test
    void moreDescriptorsThanTheKernelTakesAreRefused() {
        assertThatThrownBy(
                        () -> SocketMessages.send(pair[0], new byte[] {' '}, 0, 1, new int[SocketMessages.MAX_FDS + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLookAtTheNextBytesLeavesThemAndTheirDescriptorWhereTheyAre() throws Exception {
        SocketMessages.send(pair[0], new byte[] {'a', 'b'}, 0, 2, pair[0]);
        assertThat(SocketMessages.peek(pair[1], buffer, 0, buffer.length)).isEqualTo(2);
        SocketMessages.Received received = SocketMessages.receive(pair[1], buffer, 0, buffer.length);
        assertThat(received.count()).isEqualTo(2);
        assertThat(received.fds()).hasSize(1);
        Fds.close(received.fds()[0]);
    }

    @Test
    void theEndOfTheStreamIsZeroBytes() throws Exception {
        Sockets.shutdownWrite(pair[0]);
        assertThat(SocketMessages.receive(pair[1], buffer, 0, buffer.length).count())
                .isZero();
    }

    @Test
    void sendingWithoutWaitingSaysWhenTheBufferIsFull() throws Exception {
        byte[] much = new byte[1 << 16];
        int last = 0;
        for (int i = 0; i < 1000 && last >= 0; i++) {
            last = SocketMessages.trySend(pair[0], much, 0, much.length);
        }
        assertThat(last).isEqualTo(-1);
    }

    @Test
    void aPeerThatIsGoneIsAnErrorAndNoSignal() throws Exception {
        Fds.close(pair[1]);
        try {
            assertThatThrownBy(() -> SocketMessages.send(pair[0], new byte[] {1}, 0, 1))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE))
                    .hasMessage("sendmsg: Broken pipe");
        } finally {
            pair[1] = Fds.dup(pair[0]);
        }
    }

    @Test
    void aPathThatNoSocketCanHaveIsRefusedWithItsLimit() {
        assertThatThrownBy(() -> Sockets.listenUnix("/" + "x".repeat(Sockets.MAX_UNIX_PATH), 1))
                .hasMessageContaining("107");
    }

    @Test
    void nobodyListeningIsSaidInTheSystemsWords() {
        assertThatThrownBy(() -> Sockets.connectUnix(folder.resolve("nobody").toString()))
                .hasMessage("connect: No such file or directory");
    }
}
