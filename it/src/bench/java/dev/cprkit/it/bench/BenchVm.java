package dev.cprkit.it.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An emulator under measurement, stopped at its first instruction, with its monitor and its console connected. */
final class BenchVm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Process process;
    private final SocketChannel qmp;
    private final SocketChannel console;
    private final Duration toGreeting;
    private final StringBuilder seen = new StringBuilder();

    private BenchVm(Process process, SocketChannel qmp, SocketChannel console, Duration toGreeting) {
        this.process = process;
        this.qmp = qmp;
        this.console = console;
        this.toGreeting = toGreeting;
    }

    static BenchVm start(Path folder, String program, List<String> options) throws IOException {
        Path monitor = folder.resolve("qmp");
        Path serial = folder.resolve("serial");
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(options);
        command.addAll(List.of("-S", "-nodefaults", "-display", "none"));
        command.addAll(List.of("-chardev", "socket,id=console,path=" + serial + ",server=on,wait=off"));
        command.addAll(List.of("-serial", "chardev:console", "-qmp", "unix:" + monitor + ",server=on,wait=off"));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        SocketChannel qmp = connect(process, monitor);
        qmp.read(ByteBuffer.allocate(4096));
        Duration toGreeting = Duration.ofNanos(System.nanoTime() - begin);
        SocketChannel console = connect(process, serial);
        return new BenchVm(process, qmp, console, toGreeting);
    }

    private static SocketChannel connect(Process process, Path path) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                return channel;
            } catch (IOException notYet) {
                channel.close();
                LockSupport.parkNanos(500_000);
            }
        }
        process.destroyForcibly();
        throw new IOException("the emulator did not open " + path);
    }

    /** From the start of the process to the greeting of its monitor. */
    Duration toGreeting() {
        return toGreeting;
    }

    void cont() throws IOException {
        send(qmp, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"cont\"}\n");
    }

    void type(String keys) throws IOException {
        send(console, keys);
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads the console until it has said something. */
    void await(String text) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (seen.indexOf(text) < 0) {
            buffer.clear();
            if (console.read(buffer) < 0) {
                throw new IOException("the console ended before it said '" + text + "':\n" + seen);
            }
            seen.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
        }
        seen.delete(0, seen.indexOf(text) + text.length());
    }

    /** User and system time of all its threads. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident bytes of its mappings other than the guest's RAM, which is in a memfd. */
    long residentBytesWithoutRam() throws IOException {
        long kilobytes = 0;
        boolean ram = false;
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps"))) {
            if (line.startsWith("Rss:")) {
                if (!ram) {
                    kilobytes += Long.parseLong(line.replaceAll("\\D+", ""));
                }
            } else if (Character.digit(line.charAt(0), 16) >= 0 && line.indexOf('-') > 0) {
                ram = line.contains("/memfd:");
            }
        }
        return kilobytes << 10;
    }

    @Override
    public void close() throws IOException {
        qmp.close();
        console.close();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
