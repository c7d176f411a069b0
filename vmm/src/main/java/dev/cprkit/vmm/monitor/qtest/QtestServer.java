package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.chardev.Chardev;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * QEMU's qtest protocol, by which its own tests drive a machine in the guest's place: a command on each line, answered
 * by a line that begins with OK, ERR or FAIL. Between the answers come lines that begin with IRQ, once the test has
 * asked to hear of a device's wires. Main loop's thread with the machine lock held; wires may also change on the vCPU's, which
 * holds it too.
 */
public final class QtestServer implements Chardev.Frontend {
    private static final int CHUNK = 64 << 10;
    private static final int MAX_LINE = 192 << 20; // two digits for each byte of the longest transfer, and more
    private static final int MAX_OUTPUT = 256 << 20;

    private final Chardev chardev;
    private final QtestLog log;
    private final QtestCommands commands;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean connected;

    private QtestServer(Chardev chardev, QtestBoard board, QtestLog log) {
        this.chardev = chardev;
        this.log = log;
        this.commands = new QtestCommands(board, this::interrupt);
    }

    /** Serves a chardev that nobody else uses. */
    public static void open(Chardev chardev, QtestBoard board, QtestLog log) {
        chardev.attach(new QtestServer(chardev, board, log));
    }

    @Override
    public int canReceive() {
        return CHUNK;
    }

    @Override
    public void opened() {
        connected = true;
        log.note("OPENED");
    }

    @Override
    public void receive(byte[] bytes, int length) {
        connected = true; // some chardevs are always open and never say so
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                line.write(bytes, start, i - start);
                start = i + 1;
                String command = line.toString(StandardCharsets.US_ASCII);
                line.reset();
                log.received(command);
                send(commands.run(command));
            }
        }
        line.write(bytes, start, length - start);
        if (line.size() > MAX_LINE) {
            line.reset();
        }
    }

    private void interrupt(String text) {
        if (connected) {
            send(text);
        }
    }

    private void send(String text) {
        if (!text.isEmpty()) {
            log.sent(text);
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.US_ASCII);
            chardev.write(bytes, 0, bytes.length);
        }
    }

    @Override
    public void closed() {
        connected = false;
        line.reset();
        log.note("CLOSED");
    }

    @Override
    public int outputLimit() {
        return MAX_OUTPUT;
    }
}
