package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.host.LinuxHost;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcReaderTest {
    @TempDir
    private Path folder;

    private void group(String path, String most, String used) throws Exception {
        Path group = Files.createDirectories(folder.resolve(path));
        Files.writeString(group.resolve("memory.max"), most + "\n");
        Files.writeString(group.resolve("memory.current"), used + "\n");
    }

    @Test
    void theTightestControlGroupOnTheWayUpCounts() throws Exception {
        group("vms", "1000", "400");
        group("vms/one", "max", "300");
        group("vms/two", "500", "450");
        assertThat(ProcReader.left(folder, "/vms/one")).hasValue(600);
        assertThat(ProcReader.left(folder, "/vms/two")).hasValue(50);
        assertThat(ProcReader.left(folder, "/others")).isEmpty();
        assertThat(ProcReader.left(folder, "/")).isEmpty();
        group("vms/full", "10", "20");
        assertThat(ProcReader.left(folder, "/vms/full")).hasValue(0);
    }

    @Test
    void thisProcessIsInItsOwnSurroundings() throws Exception {
        LinuxHost host = new LinuxHost();
        OldProcess self =
                ProcReader.oldProcess(host.facts(ProcessHandle.current().pid()));
        HostFacts facts = ProcReader.host(host);
        assertThat(self.otherNamespaces()).isEmpty();
        assertThat(self.root()).isEqualTo(Path.of("/"));
        assertThat(self.cgroup()).isEqualTo(facts.cgroup());
        assertThat(self.privateBytes()).isBetween(1L << 20, 1L << 40);
        assertThat(facts.availableBytes()).isBetween(1L << 20, 1L << 50);
        assertThat(facts.uid()).isEqualTo(host.uid());
    }

    @Test
    void aPrivilegedProcessMayLockWhateverItsLimitSays() throws Exception {
        Files.writeString(folder.resolve("limits"), "Max locked memory         8388608      unlimited    bytes\n");
        Files.writeString(folder.resolve("status"), "Name:\tx\nCapEff:\t0000000000003fff\n");
        assertThat(ProcReader.lockable(folder)).hasValue(8_388_608);
        Files.writeString(folder.resolve("status"), "Name:\tx\nCapEff:\t000001ffffffffff\n");
        assertThat(ProcReader.lockable(folder)).isEmpty();
    }

    @Test
    void thePortsThatAProcessListensOn() throws Exception {
        Path self = Path.of("/proc/self");
        int closed;
        try (ServerSocket four = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                ServerSocket any = new ServerSocket(0, 1);
                Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), four.getLocalPort())) {
            closed = any.getLocalPort();
            assertThat(ListeningPorts.of(self))
                    .contains(four.getLocalPort(), closed)
                    .doesNotContain(client.getLocalPort());
        }
        assertThat(ListeningPorts.of(self)).doesNotContain(closed);
        assertThat(ListeningPorts.of(folder)).isEmpty();
    }
}
