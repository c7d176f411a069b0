package dev.cprkit.vmm.migration.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of channel, outwards and inwards, over real files, pipes, commands and sockets. */
@Timeout(60)
class ChannelsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final MainConnector.Limits LIMITS = new MainConnector.Limits(2 * SECOND, 2 * SECOND, 5 * SECOND);
    private static final byte[] STREAM = "a stream of some bytes".getBytes(UTF_8);

    @TempDir
    Path folder;

    private LoopThread thread;
    private OptionalInt named = OptionalInt.empty();

    @BeforeEach
    void start() throws Exception {
        thread = new LoopThread();
    }

    @AfterEach
    void end() throws Exception {
        thread.end();
    }

    private ChannelHost host() {
        return new ChannelHost(thread.loop(), name -> name.equals("given") ? named : OptionalInt.empty(), Fds::open);
    }

    private Path file() {
        return folder.resolve("state");
    }

    private MigrationAddress file(long offset) {
        return new MigrationAddress.File(file().toString(), offset);
    }

    private static MigrationAddress exec(String script) {
        return new MigrationAddress.Exec(List.of("/bin/sh", "-c", script));
    }

    private static MigrationAddress fd(String name) {
        return new MigrationAddress.Socket(new SocketAddress.Fd(name));
    }

    private OutgoingChannel open(MigrationAddress address) throws Exception {
        CompletableFuture<OutgoingChannel> opened = new CompletableFuture<>();
        MainConnector connector =
                thread.on(() -> MainConnector.start(address, true, LIMITS, host(), new MainConnector.Listener() {
                    @Override
                    public void connected(OutgoingChannel channel) {
                        opened.complete(channel);
                    }

                    @Override
                    public void failed(String reason) {
                        opened.completeExceptionally(new MigrationFailure(reason));
                    }
                }));
        assertThat(connector).isNotNull();
        return opened.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** What became of one step: empty, or why it failed. */
    private String outcome(Step step) throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        thread.on(() -> {
            step.begin(new OutgoingChannel.Listener() {
                @Override
                public void done() {
                    outcome.complete("");
                }

                @Override
                public void failed(String reason) {
                    outcome.complete(reason);
                }
            });
            return true;
        });
        return outcome.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private interface Step {
        void begin(OutgoingChannel.Listener listener);
    }

    private String sendAll(OutgoingChannel channel) throws Exception {
        String sent = outcome(listener -> channel.send(STREAM, listener));
        return sent.isEmpty() ? outcome(channel::finish) : sent;
    }

    private void close(OutgoingChannel channel) throws Exception {
        thread.on(() -> {
            channel.close();
            return true;
        });
    }

    private byte[] receive(MigrationAddress address) throws Exception {
        CompletableFuture<IncomingChannel> opened = new CompletableFuture<>();
        assertThat(thread.on(() -> IncomingListener.open(address, host(), new IncomingListener.Listener() {
                    @Override
                    public void accepted(IncomingChannel channel) {
                        opened.complete(channel);
                    }

                    @Override
                    public void failed(String reason) {
                        opened.completeExceptionally(new MigrationFailure(reason));
                    }
                })))
                .isEmpty();
        IncomingChannel channel = opened.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS);
        try {
            StateInput in = StateInput.from(channel.source(2 * SECOND));
            byte[] bytes = new byte[STREAM.length];
            in.bytes(bytes, 0, bytes.length);
            assertThat(in.atEnd()).isTrue();
            return bytes;
        } finally {
            thread.on(() -> {
                channel.close();
                return true;
            });
        }
    }

    @Test
    void aFileHasItsNameOnlyWhenItIsWhole() throws Exception {
        Files.writeString(file(), "the old one");
        OutgoingChannel channel = open(file(0));
        assertThat(outcome(listener -> channel.send(STREAM, listener))).isEmpty();
        assertThat(file()).hasContent("the old one");
        assertThat(outcome(channel::finish)).isEmpty();
        assertThat(file()).hasBinaryContent(STREAM);
        close(channel);
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
        assertThat(receive(file(0))).isEqualTo(STREAM);
    }

    @Test
    void aFileThatIsGivenUpLeavesTheOldOneAndNothingElse() throws Exception {
        Files.writeString(file(), "the old one");
        OutgoingChannel channel = open(file(0));
        assertThat(outcome(listener -> channel.send(STREAM, listener))).isEmpty();
        close(channel);
        awaitOnly("state");
        assertThat(file()).hasContent("the old one");
    }

    @Test
    void whatAFileHoldsBeforeTheOffsetStays() throws Exception {
        Files.writeString(file(), "0123456789");
        OutgoingChannel channel = open(file(4));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(file()).hasContent("0123" + new String(STREAM, UTF_8));
        assertThat(receive(file(4))).isEqualTo(STREAM);
    }

    @Test
    void anOffsetBehindTheOldEndLeavesAHole() throws Exception {
        Files.writeString(file(), "01");
        OutgoingChannel channel = open(file(8));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(Files.readString(file())).isEqualTo("01\0\0\0\0\0\0" + new String(STREAM, UTF_8));
    }

    @Test
    void aFileKeepsItsModeAndALinkStaysALink() throws Exception {
        Files.writeString(file(), "old");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file());
        OutgoingChannel channel = open(new MigrationAddress.File(link.toString(), 0));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(link).isSymbolicLink();
        assertThat(file()).hasBinaryContent(STREAM);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-r-----");
    }

    @Test
    void aFullDiskIsReportedAndLeavesTheOldFile() throws Exception {
        OutgoingChannel channel = open(new MigrationAddress.File("/dev/full", 0));
        assertThat(sendAll(channel)).isEqualTo("Unable to write to file: No space left on device");
        close(channel);
    }

    @Test
    void aFileIsOnTheDiskBeforeItHasItsNameAndItsNameIsBeforeItCounts() throws Exception {
        Files.writeString(file(), "old");
        List<String> synced = new CopyOnWriteArrayList<>();
        OutgoingFile.Disk disk = fd -> {
            try {
                String what = Fds.target(fd).equals(folder.toRealPath().toString()) ? "folder" : "file";
                synced.add(what + " " + (Files.size(file()) == 3 ? "old" : "new"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        OutgoingChannel channel = thread.on(() -> OutgoingFile.open(file().toString(), 0, true, host(), disk));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(synced).containsExactly("file old", "folder new");

        synced.clear();
        OutgoingChannel passing = thread.on(() -> OutgoingFile.open(file().toString(), 0, false, host(), disk));
        assertThat(sendAll(passing)).isEmpty();
        close(passing);
        assertThat(synced).as("a file that need not outlive the host").isEmpty();

        int set = Fds.open(file().toString(), Fds.O_RDWR, 0);
        ChannelHost sets = new ChannelHost(thread.loop(), name -> OptionalInt.empty(), (path, flags, mode) -> set);
        OutgoingChannel inPlace = thread.on(() -> OutgoingFile.open("/dev/fdset/1", 0, true, sets, disk));
        assertThat(sendAll(inPlace)).isEmpty();
        close(inPlace);
        assertThat(synced).containsExactly("file new");
    }

    @Test
    void aFileThatIsWrittenInPlaceHoldsNothingOfAnEarlierStream() throws Exception {
        Files.write(file(), new byte[100]);
        int set = Fds.open(file().toString(), Fds.O_RDWR, 0);
        ChannelHost host = new ChannelHost(thread.loop(), name -> OptionalInt.empty(), (path, flags, mode) -> set);
        OutgoingChannel channel = thread.on(() -> OutgoingFile.open("/dev/fdset/1", 10, true, host));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        byte[] expected = new byte[10 + STREAM.length];
        System.arraycopy(STREAM, 0, expected, 10, STREAM.length);
        assertThat(file()).hasBinaryContent(expected);
    }

    @Test
    void aMistakeInAJobIsReported() throws Exception {
        OutgoingChannel channel = open(file(0));
        assertThat(outcome(listener -> channel.run(
                        () -> {
                            throw new IllegalStateException("a mistake");
                        },
                        listener)))
                .isEqualTo("a mistake inside vmm: java.lang.IllegalStateException: a mistake");
        close(channel);
    }

    @Test
    void descriptorsThatComeWithAStreamAreClosed() throws Exception {
        int[] pair = Sockets.pair();
        int[] pipe = Fds.pipe();
        assertThat(SocketMessages.send(pair[1], STREAM, 0, STREAM.length, pipe[1]))
                .isEqualTo(STREAM.length);
        Fds.close(pipe[1]);
        Fds.close(pair[1]);
        assertThat(receive(fd(Integer.toString(pair[0])))).isEqualTo(STREAM);
        assertThat(Fds.read(pipe[0], new byte[1], 0, 1))
                .as("the end of a pipe that nobody has open")
                .isZero();
        Fds.close(pipe[0]);
    }

    @Test
    void aFifoIsReadBeforeAnybodyWritesToItAndWrittenAsFastAsItIsRead() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", file().toString()).start().waitFor())
                .isZero();
        CompletableFuture<IncomingChannel> opened = new CompletableFuture<>();
        assertThat(thread.on(() -> IncomingListener.open(file(0), host(), new IncomingListener.Listener() {
                    @Override
                    public void accepted(IncomingChannel channel) {
                        opened.complete(channel);
                    }

                    @Override
                    public void failed(String reason) {}
                })))
                .isEmpty();
        IncomingChannel in = opened.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS);
        OutgoingChannel out = open(file(0));
        byte[] bytes = new byte[1 << 20];
        CompletableFuture<String> sent = CompletableFuture.supplyAsync(() -> {
            try {
                return outcome(listener -> out.send(bytes, listener));
            } catch (Exception e) {
                return e.toString();
            }
        });
        StateInput.from(in.source(2 * SECOND)).bytes(bytes, 0, bytes.length);
        assertThat(sent.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
        close(out);
        thread.on(() -> {
            in.close();
            return true;
        });
    }

    @Test
    void aFileThatCannotBeOpenedIsRefusedAtOnce() {
        String name = folder.resolve("none/state").toString();
        assertThatThrownBy(() -> open(new MigrationAddress.File(name, 0)))
                .hasRootCauseMessage("Could not create '" + name + "': No such file or directory");
        assertThatThrownBy(() -> receive(new MigrationAddress.File(name, 0)))
                .hasRootCauseMessage("Could not open '" + name + "': No such file or directory");
    }

    @Test
    void aCommandGetsTheStreamAndGivesIt() throws Exception {
        OutgoingChannel channel = open(exec("cat >'" + file() + "'"));
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(file()).hasBinaryContent(STREAM);
        assertThat(receive(exec("cat '" + file() + "'"))).isEqualTo(STREAM);
    }

    @Test
    void aCommandThatFailsFailsTheStream() throws Exception {
        OutgoingChannel channel = open(exec("cat >/dev/null; exit 3"));
        assertThat(sendAll(channel)).isEqualTo("the command of the exec channel ended with status 3");
        close(channel);
    }

    @Test
    void aCommandThatDoesNotReadIsGivenUp() throws Exception {
        OutgoingChannel channel = open(exec("exec sleep 50"));
        byte[] much = new byte[1 << 20];
        assertThat(outcome(listener -> channel.send(much, listener))).isEqualTo("nobody read the stream for 2 s");
        close(channel);
    }

    @Test
    void aCommandThatIsNotThereIsRefusedAtOnce() {
        assertThatThrownBy(() -> open(new MigrationAddress.Exec(List.of("/no/such/command"))))
                .rootCause()
                .hasMessageContaining("/no/such/command");
        assertThatThrownBy(() -> open(new MigrationAddress.Exec(List.of())))
                .hasRootCauseMessage("exec channel: the command is empty");
    }

    @Test
    void aGivenPipeIsWrittenTo() throws Exception {
        int[] pipe = Fds.pipe();
        named = OptionalInt.of(pipe[1]);
        OutgoingChannel channel = open(fd("given"));
        assertThat(channel.returnPath()).isEmpty();
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(receive(fd(Integer.toString(pipe[0])))).isEqualTo(STREAM);
    }

    @Test
    void aGivenSocketLeadsBothWays() throws Exception {
        int[] pair = Sockets.pair();
        named = OptionalInt.of(pair[1]);
        OutgoingChannel channel = open(fd("given"));
        assertThat(channel.returnPath()).hasValue(pair[1]);
        assertThat(sendAll(channel)).isEmpty();
        close(channel);
        assertThat(receive(fd(Integer.toString(pair[0])))).isEqualTo(STREAM);
    }

    @Test
    void aGivenFileIsRefused() throws Exception {
        named = OptionalInt.of(Fds.open(file().toString(), Fds.O_WRONLY | Fds.O_CREAT, 0600));
        assertThatThrownBy(() -> open(fd("given")))
                .hasRootCauseMessage("fd: migration to a file is not supported. Use file: instead.");
        assertThatThrownBy(() -> open(fd("other")))
                .hasRootCauseMessage("File descriptor named 'other' has not been found");
        assertThatThrownBy(() -> open(fd("987654")))
                .hasRootCauseMessage("File descriptor named '987654' has not been found");
        assertThatThrownBy(() -> receive(fd("987654")))
                .hasRootCauseMessage(
                        "Invalid file descriptor number '987654': this process did not inherit such a descriptor");
        int open = Fds.open(file().toString(), Fds.O_RDONLY, 0);
        assertThatThrownBy(() -> receive(fd(Integer.toString(open))))
                .hasRootCauseMessage("fd: migration to a file is not supported. Use file: instead.");
        assertThatThrownBy(() -> open(fd(Integer.toString(open)))) // a number of this process's own
                .hasRootCauseMessage("File descriptor named '" + open + "' has not been found");
        assertThat(Fds.isOpen(open))
                .as("what was given is closed when it is refused")
                .isFalse();
    }

    @Test
    void closingEndsAWriteThatWaits() throws Exception {
        int[] pair = Sockets.pair();
        named = OptionalInt.of(pair[1]);
        OutgoingChannel channel = open(fd("given"));
        CompletableFuture<String> writing = new CompletableFuture<>();
        CompletableFuture<String> ended = new CompletableFuture<>();
        thread.on(() -> {
            channel.run(
                    () -> {
                        byte[] part = new byte[1 << 16];
                        writing.complete("");
                        try {
                            while (true) {
                                channel.write(part, 0, part.length);
                            }
                        } finally {
                            ended.complete("");
                        }
                    },
                    new OutgoingChannel.Listener() {
                        @Override
                        public void done() {}

                        @Override
                        public void failed(String reason) {}
                    });
            return true;
        });
        writing.get(LoopThread.LIMIT_SECONDS, TimeUnit.SECONDS);
        close(channel);
        ended.get(1, TimeUnit.SECONDS);
        Fds.close(pair[0]);
    }

    private void awaitOnly(String name) throws Exception {
        long end = System.nanoTime() + LoopThread.LIMIT_SECONDS * SECOND;
        while (!List.of(folder.toFile().list()).equals(List.of(name)) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(folder.toFile().list()).containsExactly(name);
    }
}
