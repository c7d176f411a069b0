package dev.cprkit.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LinuxHostTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Without a child: a shell blocks signals while it makes one. */
    private static final String OWN_MASK =
            "while read -r line; do case $line in SigBlk*) echo \"$line\";; esac; done < /proc/$$/status; ";

    @TempDir
    private Path folder;

    private final LinuxHost host = new LinuxHost();

    @Test
    void aChildInheritsDescriptorsAndNothingElse() throws Exception {
        Path output = folder.resolve("out");
        Path path = folder.resolve("listener");
        int listener = Sockets.listenUnix(path.toString(), 1);
        try {
            HostProcess process = host.start(
                    List.of("/bin/sh", "-c", "ls -l /proc/$$/fd; " + OWN_MASK + "pwd; echo $KEY; exit 3"),
                    folder,
                    Map.of("KEY", "a=b", "PATH", "/usr/bin:/bin"),
                    output,
                    List.of(listener));
            assertThat(process.awaitEnd(LIMIT)).isTrue();
            assertThat(process.isAlive()).isFalse();
            assertThat(process.ending()).isEqualTo("exit status 3");
            List<String> lines = Files.readAllLines(output);
            assertThat(lines)
                    .filteredOn(line -> line.contains(" -> "))
                    .hasSize(4)
                    .anyMatch(line -> line.contains(" 3 -> socket:["));
            assertThat(lines)
                    .contains("SigBlk:\t0000000000000000", folder.toRealPath().toString(), "a=b");
        } finally {
            Fds.close(listener);
        }
    }

    @Test
    void aProcessIsFoundAgainByItsStart() throws Exception {
        Path output = folder.resolve("out");
        HostProcess process =
                host.start(List.of("/bin/sh", "-c", "exec sleep 100"), folder, Map.of("PATH", "/usr/bin:/bin"), output);
        try {
            ProcessRef ref = host.ref(process.pid()).orElseThrow();
            assertThat(ref.pid()).isEqualTo(process.pid());
            String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"));
            assertThat(ref.started() >> 44).as("another boot, other processes").isEqualTo(boot.hashCode() & 0x7ffff);
            assertThat(host.ref(process.pid())).contains(ref); // an exec does not change it
            assertThat(host.ref(ProcessHandle.current().pid()).orElseThrow().started())
                    .isLessThanOrEqualTo(ref.started());
            assertThat(host.printsTo(process.pid())).contains(output.toRealPath());
        } finally {
            process.kill();
        }
        assertThat(process.awaitEnd(LIMIT)).isTrue();
        assertThat(host.printsTo(process.pid())).isEmpty();
    }

    @Test
    void aChildThatInheritsIsEndedAndReaped() throws Exception {
        int[] pipe = Fds.pipe();
        try {
            HostProcess process = host.start(
                    List.of("/bin/sleep", "1000"), folder, Map.of(), folder.resolve("out"), List.of(pipe[0]));
            assertThat(process.isAlive()).isTrue();
            assertThat(session(process.pid())).isEqualTo(process.pid());
            assertThat(process.awaitEnd(Duration.ofMillis(10))).isFalse();
            process.kill();
            assertThat(process.awaitEnd(LIMIT)).isTrue();
            assertThat(process.ending()).isEqualTo("killed by signal 9");
            assertThat(Path.of("/proc/" + process.pid())).doesNotExist();
        } finally {
            Fds.close(pipe[0]);
            Fds.close(pipe[1]);
        }
    }

    @Test
    void factsOfAProcess() throws Exception {
        Path output = folder.resolve("out");
        HostProcess process = host.start(List.of("/bin/sleep", "1000"), folder, Map.of("KEY", "a=b"), output);
        try {
            // At first setsid has not yet made way for it, or exec is still setting up what it was given.
            ProcessFacts facts = host.facts(process.pid());
            while (!facts.executable().endsWith("sleep")
                    || !facts.commandLine().contains("/bin/sleep")
                    || facts.commandLine().size() != 2
                    || facts.environment().isEmpty()) {
                Thread.onSpinWait();
                facts = host.facts(process.pid());
            }
            assertThat(facts.commandLine()).containsExactly("/bin/sleep", "1000");
            assertThat(facts.directory()).isEqualTo(folder.toRealPath());
            assertThat(facts.environment()).containsEntry("KEY", "a=b");
            assertThat(facts.uid()).isEqualTo(host.uid());
            assertThat(session(process.pid())).isEqualTo(process.pid());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(output)))
                    .isEqualTo("rw-------");
            assertThat(host.withArgument("/bin/sle")).contains(process.pid());
            assertThat(host.withArgument(folder + "/nobody has this")).isEmpty();
            HostProcess attached = host.attach(process.pid()).orElseThrow();
            assertThat(attached.isAlive()).isTrue();
            assertThat(attached.awaitEnd(Duration.ofMillis(50))).isFalse();
            attached.kill();
            assertThat(attached.awaitEnd(LIMIT)).isTrue();
            assertThat(process.awaitEnd(LIMIT)).isTrue();
            assertThat(process.ending()).isEqualTo("killed by signal 9");
        } finally {
            process.kill();
        }
    }

    /** The fourth field after the name (proc_pid_stat(5)). */
    private static long session(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    }

    @Test
    void whatAProcessPrintsIsKept() throws Exception {
        Path output = folder.resolve("out");
        HostProcess process =
                host.start(List.of("/bin/sh", "-c", "echo one; echo two >&2; exit 3"), folder, Map.of(), output);
        assertThat(process.awaitEnd(LIMIT)).isTrue();
        assertThat(process.ending()).isEqualTo("exit status 3");
        assertThat(LinuxHost.tail(output, 1000)).isEqualTo("one\ntwo");
        assertThat(LinuxHost.tail(output, 4)).isEqualTo("two");
        assertThat(LinuxHost.tail(folder.resolve("none"), 4)).isEmpty();
    }

    @Test
    void aZombieHasEnded() throws Exception {
        // The shell never waits for its child, so the child stays a zombie as long as the shell sleeps.
        Path output = folder.resolve("out");
        HostProcess parent =
                host.start(List.of("/bin/sh", "-c", "sh -c 'echo $$' & exec sleep 1000"), folder, Map.of(), output);
        try {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (LinuxHost.tail(output, 100).isEmpty() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            long child = Long.parseLong(LinuxHost.tail(output, 100));
            Optional<HostProcess> zombie = host.attach(child);
            assertThat(zombie).isPresent();
            assertThat(zombie.orElseThrow().awaitEnd(LIMIT)).isTrue();
            assertThat(ProcessHandle.of(child)).as("still there for its parent").isPresent();
        } finally {
            parent.kill();
            parent.awaitEnd(LIMIT);
        }
    }

    @Test
    void whoListensWhere() throws Exception {
        Path socket = folder.resolve("a socket");
        assertThat(host.isListening(socket)).isFalse();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertThat(host.isListening(socket)).isTrue();
        }
        assertThat(Files.exists(socket)).isTrue();
        assertThat(host.isListening(socket)).isFalse();
    }

    @Test
    void aClaimIsGivenOnceAndGivenBack() {
        long pid = 4_000_000_000L; // of no process
        Optional<ProcessHost.Claim> claim = host.claim(pid);
        assertThat(claim).isPresent();
        assertThat(host.claim(pid)).isEmpty();
        claim.orElseThrow().close();
        Optional<ProcessHost.Claim> again = host.claim(pid);
        assertThat(again).isPresent();
        again.orElseThrow().close();
    }

    @Test
    void aClaimIsWaitedForUntilItIsGivenBackAndNotLonger() throws Exception {
        long pid = 4_000_000_001L;
        ProcessHost.Claim first = host.claim(pid).orElseThrow();
        assertThat(host.claim(pid, Duration.ofMillis(50))).isEmpty();
        Thread other = Thread.ofPlatform().start(first::close);
        Optional<ProcessHost.Claim> second = host.claim(pid, Duration.ofSeconds(20));
        assertThat(second).isPresent();
        second.orElseThrow().close();
        other.join();
    }

    @Test
    void noSuchProcess() {
        assertThatThrownBy(() -> host.facts(4_000_000_000L))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> host.start(List.of("/no/such"), Path.of("/no/dir"), Map.of(), folder.resolve("x")))
                .isInstanceOf(IOException.class);
    }
}
