package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd is told, and how the log looks for it. */
class ServiceManagerTest {
    @TempDir
    private Path folder;

    @Test
    void it_is_told_when_the_agent_is_ready_alive_and_stopping() throws Exception {
        Path socket = folder.resolve("notify.sock");
        try (DatagramReceiver receiver = DatagramReceiver.at(socket)) {
            AtomicBoolean alive = new AtomicBoolean(true);
            try (ServiceManager manager = new ServiceManager(
                    Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "100000", "WATCHDOG_PID", "42"), 42)) {
                manager.ready(alive::get);
                assertThat(receiver.next()).isEqualTo("READY=1\nSTATUS=ready");
                assertThat(receiver.next()).isEqualTo("WATCHDOG=1");
                assertThat(receiver.next()).isEqualTo("WATCHDOG=1");
                alive.set(false);
                manager.stopping(Duration.ofSeconds(150));
                String last = receiver.next();
                while (last.equals("WATCHDOG=1")) {
                    last = receiver.next();
                }
                assertThat(last)
                        .isEqualTo("STOPPING=1\nSTATUS=waits for operations under way\nEXTEND_TIMEOUT_USEC=150000000");
            }
        }
    }

    @Test
    void an_agent_that_does_not_answer_is_not_said_to_be_alive() throws Exception {
        Path socket = folder.resolve("notify.sock");
        CountDownLatch asked = new CountDownLatch(3);
        try (DatagramReceiver receiver = DatagramReceiver.at(socket);
                ServiceManager manager =
                        new ServiceManager(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "100000"), 42)) {
            manager.ready(() -> {
                asked.countDown();
                return false;
            });
            assertThat(receiver.next()).startsWith("READY=1");
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            manager.stopping(Duration.ofSeconds(1));
            assertThat(receiver.next()).startsWith("STOPPING=1");
        }
    }

    @Test
    void without_a_socket_and_for_another_process_nothing_is_told() throws Exception {
        try (ServiceManager manager = new ServiceManager(Map.of(), 42)) {
            manager.ready(() -> true);
            manager.stopping(Duration.ofSeconds(1));
        }
        Path socket = folder.resolve("notify.sock");
        try (DatagramReceiver receiver = DatagramReceiver.at(socket);
                ServiceManager manager = new ServiceManager(
                        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "43"),
                        42)) {
            manager.ready(() -> true);
            assertThat(receiver.next()).startsWith("READY=1");
            manager.stopping(Duration.ofSeconds(1));
            assertThat(receiver.next()).startsWith("STOPPING=1"); // and no watchdog before it
        }
    }

    @Test
    void a_line_of_the_log_has_its_priority_in_the_journal_and_its_time_elsewhere() {
        assertThat(line(Map.of("JOURNAL_STREAM", "8:1"), Level.INFO, "all is well"))
                .isEqualTo("<6>all is well\n");
        assertThat(line(Map.of("JOURNAL_STREAM", "8:1"), Level.WARNING, "two\nlines"))
                .isEqualTo("<4>two lines\n");
        assertThat(line(Map.of("JOURNAL_STREAM", "8:1"), Level.SEVERE, "bad")).isEqualTo("<3>bad\n");
        assertThat(line(Map.of(), Level.SEVERE, "bad")).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z error bad\n");
        assertThat(line(Map.of(), Level.FINE, "not asked for")).isEmpty();
    }

    private static String line(Map<String, String> environment, Level level, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AgentLog.install(Level.INFO, environment, new PrintStream(out, true, StandardCharsets.UTF_8));
        Logger.getLogger("dev.cprkit.test").log(level, text);
        AgentLog.install(Level.SEVERE, Map.of(), System.err);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Java has no datagrams on unix sockets; socat's work in a few lines of Python, which every build has. */
    private static final class DatagramReceiver implements AutoCloseable {
        private final Process process;

        private DatagramReceiver(Process process) {
            this.process = process;
        }

        static DatagramReceiver at(Path socket) throws Exception {
            Process process = new ProcessBuilder(
                            "python3",
                            "-c",
                            "import socket,sys\n"
                                    + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
                                    + "s.bind(sys.argv[1])\n"
                                    + "print('bound',flush=True)\n"
                                    + "while True: print(s.recv(4096).decode().replace('\\n','|'),flush=True)\n",
                            socket.toString())
                    .start();
            DatagramReceiver receiver = new DatagramReceiver(process);
            assertThat(receiver.next()).isEqualTo("bound");
            return receiver;
        }

        String next() throws Exception {
            return process.inputReader().readLine().replace('|', '\n');
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }
}
