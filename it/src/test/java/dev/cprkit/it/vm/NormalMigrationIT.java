package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live migration of a guest that writes all its memory all the time and notices if a word of it is lost: every channel,
 * limits, cancels and failures.
 */
@Timeout(120)
class NormalMigrationIT {
    private static final String EVENTS = "{'capability':'events','state':true}";

    @TempDir
    private Path folder;

    private SweepingGuest guest;
    private int processes;

    @BeforeEach
    void prepare() {
        guest = new SweepingGuest(folder.resolve("console"));
    }

    private VmProcess boot(String... more) throws Exception {
        VmProcess vm = VmProcess.start(folder, "old", guest.options(folder, more));
        vm.execute("migrate-set-capabilities", "{'capabilities':[" + EVENTS + "]}");
        guest.awaitRounds();
        return vm;
    }

    private VmProcess next(String uri, String... capabilities) throws Exception {
        VmProcess vm = VmProcess.start(folder, "new" + processes++, guest.options(folder, "-incoming", "defer"));
        switchOn(vm, capabilities);
        vm.execute("migrate-incoming", "{'uri':'" + uri + "'}");
        return vm;
    }

    private static void switchOn(VmProcess vm, String... capabilities) throws Exception {
        switchAll(vm, true, capabilities);
    }

    private static void switchAll(VmProcess vm, boolean on, String... capabilities) throws Exception {
        for (String capability : capabilities) {
            vm.execute(
                    "migrate-set-capabilities",
                    "{'capabilities':[{'capability':'" + capability + "','state':" + on + "}]}");
        }
    }

    private static void limits(VmProcess vm, long bandwidth, long downtime) throws Exception {
        vm.execute("migrate-set-parameters", "{'max-bandwidth':" + bandwidth + ",'downtime-limit':" + downtime + "}");
    }

    private String unix() {
        return "unix:" + folder.resolve("main.sock");
    }

    /** The guest has left the one process, runs in the other and has lost nothing. */
    private void arrived(VmProcess old, VmProcess next) throws Exception {
        old.awaitMigration("completed");
        next.awaitMigration("completed");
        old.awaitStatus("postmigrate");
        next.awaitStatus("running");
        guest.awaitRounds();
        assertThat(guest.unharmed()).isTrue();
    }

    /** The guest runs where it was and has lost nothing. */
    private void stayed(VmProcess old) throws Exception {
        assertThat(old.status()).isEqualTo("running");
        guest.awaitRounds();
        assertThat(guest.unharmed()).isTrue();
    }

    @Test
    void aGuestThatWritesAllTheTimeArrivesWhenTheDowntimeLimitIsRaised() throws Exception {
        try (VmProcess old = boot();
                VmProcess next = next(unix(), "events")) {
            limits(old, 40_000_000, 1);
            old.execute("migrate", "{'uri':'" + unix() + "'}");
            Await.until(VmProcess.LIMIT, () -> "a third look", () -> syncs(old) >= 3);
            assertThat(old.migration()).isEqualTo("active");
            assertThat(next.status()).as("the new process answers meanwhile").isEqualTo("inmigrate");
            assertThat(next.migration()).isEqualTo("active");
            JsonNode info = old.execute("query-migrate");
            assertThat(info.get("remaining").asLong()).isPositive();
            assertThat(info.get("expected-downtime").asLong()).isGreaterThan(1);
            assertThat(info.get("ram").get("mbps").asDouble()).isBetween(30.0, 3000.0);
            assertThat(info.get("ram").get("pages-per-second").asLong()).isPositive();
            limits(old, 40_000_000, 60_000);
            arrived(old, next);
            JsonNode ram = old.execute("query-migrate").get("ram");
            assertThat(ram.get("total").asLong()).isBetween(32L << 20, 33L << 20);
            assertThat(ram.get("normal").asLong()).isGreaterThan(2 * 4096);
            assertThat(ram.get("normal-bytes").asLong())
                    .isEqualTo(ram.get("normal").asLong() * 4096);
            assertThat(ram.get("duplicate").asLong()).isPositive();
            assertThat(ram.get("precopy-bytes").asLong()).isGreaterThan(32 << 20);
            assertThat(ram.get("downtime-bytes").asLong()).isPositive();
            assertThat(ram.get("remaining").asLong()).isZero();
            List<String> events = old.events();
            assertThat(events).startsWith("MIGRATION setup", "MIGRATION active", "MIGRATION_PASS");
            assertThat(events.subList(events.lastIndexOf("MIGRATION_PASS"), events.size()))
                    .containsExactly("MIGRATION_PASS", "STOP", "MIGRATION device", "MIGRATION completed");
            assertThat(next.events())
                    .containsExactly("MIGRATION setup", "MIGRATION active", "RESUME", "MIGRATION completed");
        }
    }

    private static long syncs(VmProcess vm) throws Exception {
        JsonNode ram = vm.execute("query-migrate").get("ram");
        return ram == null ? 0 : ram.get("dirty-sync-count").asLong();
    }

    /** One hop after the other, each over another channel; every process is left by the guest that came into it. */
    @Test
    void itGoesOverEveryChannel() throws Exception {
        Path state = folder.resolve("state");
        VmProcess at = hopOverDescriptor();
        try {
            at = hop(at, Hop.same("tcp:127.0.0.1:" + freePort(), "return-path", "normal"));
            at = hop(at, Hop.same(unix(), "pause-before-switchover", "normal"));
            at = hop(at, Hop.same("file:" + state + ",offset=0x12345", "", "normal"));
            at = hop(at, Hop.same("file:" + state + ",offset=0x3000", "mapped-ram", "normal"));
            assertThat(Files.size(state)).isBetween(16L << 20, 36L << 20);
            at = hop(at, new Hop("exec:cat>" + state, "exec:cat " + state, "x-ignore-shared", "normal"));
            at = hop(at, Hop.same("file:" + state, "mapped-ram", "cpr-reboot"));
        } finally {
            at.close();
        }
    }

    /** How the guest is sent on: the old process's channel, the new one's, a capability of both or none, the mode. */
    private record Hop(String out, String in, String capability, String mode) {
        static Hop same(String uri, String capability, String mode) {
            return new Hop(uri, uri, capability, mode);
        }

        boolean needsListener() {
            return !out.startsWith("file:") && !out.startsWith("exec:");
        }
    }

    private VmProcess hop(VmProcess old, Hop hop) throws Exception {
        try (old) {
            String[] capabilities = hop.capability().isEmpty() ? new String[0] : new String[] {hop.capability()};
            switchOn(old, capabilities);
            // A guest that stands still need not heed the bandwidth.
            limits(old, hop.mode().equals("normal") ? 0 : 1_000_000, 60_000);
            old.execute("migrate-set-parameters", "{'mode':'" + hop.mode() + "'}");
            Optional<VmProcess> listening = Optional.empty();
            if (hop.needsListener()) {
                listening = Optional.of(next(hop.in(), capabilities));
            }
            old.execute("migrate", "{'uri':'" + hop.out() + "'}");
            if (hop.capability().equals("pause-before-switchover")) {
                old.awaitMigration("pre-switchover");
                assertThat(old.status()).isEqualTo("finish-migrate");
                old.execute("migrate-continue", "{'state':'pre-switchover'}");
            }
            old.awaitMigration("completed");
            VmProcess next = listening.isPresent() ? listening.get() : next(hop.in(), capabilities);
            arrived(old, next);
            switchAll(next, false, capabilities);
            return next;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Boots the guest and sends it through a socket that a client connects and passes. */
    private VmProcess hopOverDescriptor() throws Exception {
        Path second = folder.resolve("second.qmp");
        try (VmProcess old = boot("-qmp", "unix:" + second + ",server=on,wait=off")) {
            VmProcess next = next(unix());
            limits(old, 0, 60_000);
            int channel = Sockets.connectUnix(folder.resolve("main.sock").toString());
            int monitor = Sockets.connectUnix(second.toString());
            try {
                say(monitor, "{'execute':'qmp_capabilities'}");
                say(monitor, "{'execute':'getfd','arguments':{'fdname':'main'}}", channel);
                say(monitor, "{'execute':'migrate','arguments':{'uri':'fd:main'}}");
                arrived(old, next);
                return next;
            } finally {
                Fds.close(channel);
                Fds.close(monitor);
            }
        }
    }

    private static void say(int monitor, String command, int... descriptors) throws Exception {
        byte[] bytes = (command.replace('\'', '"') + "\n").getBytes(StandardCharsets.US_ASCII);
        assertThat(SocketMessages.send(monitor, bytes, 0, bytes.length, descriptors))
                .isEqualTo(bytes.length);
    }

    @Test
    void nothingThatGoesWrongOnTheWayHarmsTheGuest() throws Exception {
        try (VmProcess old = boot()) {
            try (VmProcess next = next(unix())) {
                limits(old, 1, 0); // it waits for its next window then
                old.execute("migrate", "{'uri':'" + unix() + "'}");
                Await.until(VmProcess.LIMIT, () -> "pages", () -> syncs(old) > 0);
                old.execute("migrate_cancel");
                assertThat(old.migration()).isEqualTo("cancelled");
                stayed(old);
                assertThat(next.awaitExit()).isEqualTo(1);
                assertThat(next.output()).contains("load of migration failed: ");
            }
            try (VmProcess next = next(unix())) {
                limits(old, 30_000_000, 0);
                old.execute("migrate", "{'uri':'" + unix() + "'}");
                Await.until(VmProcess.LIMIT, () -> "a second look", () -> syncs(old) > 1);
                next.kill();
                old.awaitMigration("failed");
                assertThat(old.execute("query-migrate").get("error-desc").asText())
                        .startsWith("Unable to write to socket: ");
                stayed(old);
            }
            Path state = folder.resolve("state");
            old.execute("migrate", "{'uri':'file:" + state + "'}");
            Await.until(VmProcess.LIMIT, () -> "pages", () -> syncs(old) > 0);
            old.execute("migrate_cancel");
            assertThat(old.migration()).isEqualTo("cancelled");
            assertThat(old.events()).doesNotContain("STOP");
            switchOn(old, "pause-before-switchover");
            limits(old, 0, 60_000);
            old.execute("migrate", "{'uri':'file:" + state + "'}");
            old.awaitMigration("pre-switchover");
            old.execute("migrate_cancel");
            assertThat(old.migration()).isEqualTo("cancelled");
            stayed(old);
            assertThat(state).doesNotExist();
        }
    }

    @Test
    void anOldProcessThatDiesAmidRamEndsTheNewOneWithAReason() throws Exception {
        try (VmProcess old = boot();
                VmProcess next = next(unix())) {
            limits(old, 30_000_000, 0);
            old.execute("migrate", "{'uri':'" + unix() + "'}");
            Await.until(VmProcess.LIMIT, () -> "a second look", () -> syncs(old) > 1);
            old.kill();
            assertThat(next.awaitExit()).isEqualTo(1);
            assertThat(next.output()).contains("load of migration failed: Input/output error: the stream ends early");
        }
    }

    @Test
    void aPeerThatSendsNothingDoesNotKeepTheNewProcessFromAnswering() throws Exception {
        int port = freePort();
        try (VmProcess next = next("tcp:127.0.0.1:" + port);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
            silent.getOutputStream().write("QEVM\0\0\0\3".getBytes(StandardCharsets.US_ASCII));
            next.awaitMigration("active");
            assertThat(next.status()).isEqualTo("inmigrate");
            next.execute("quit");
            assertThat(next.awaitExit()).isZero();
        }
    }
}
