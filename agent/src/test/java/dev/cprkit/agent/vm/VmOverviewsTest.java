package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.vm.VmOverview.Presence;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmOverviewsTest {
    private static VmRecord vm(String name, Path qmp) {
        return new VmRecord(new VmName(name), VmRecord.Origin.ADOPTED, qmp, List.of(), Instant.EPOCH);
    }

    /** Forty VMs that say nothing take as long as one. */
    @Test
    void a_look_at_many_ends_in_time_whatever_they_do(@TempDir Path folder) throws Exception {
        Path silent = folder.resolve("silent");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(silent), 100);
            List<VmRecord> vms = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                vms.add(vm("s" + i, silent));
            }
            vms.add(vm("gone", folder.resolve("gone")));
            VmOverviews looks = new VmOverviews(
                    new LinuxHost(), qmp -> Optional.empty(), name -> Optional.empty(), Duration.ofSeconds(20));
            long began = System.nanoTime();
            List<VmOverview> seen = looks.all(vms, Duration.ofSeconds(1));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
            assertThat(seen)
                    .extracting(one -> one.name().orElseThrow().text())
                    .startsWith("s0", "s1")
                    .hasSize(41);
            assertThat(seen.getLast().presence()).isEqualTo(Presence.GONE);
            assertThat(seen.getFirst().presence()).isEqualTo(Presence.SILENT);
            assertThat(seen.getFirst().problem()).isEqualTo("it has not answered within 1 s");
        }
    }
}
