package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.memory.GuestMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * QEMU's qtest protocol, by which its own tests look into a machine: a command on each line, answered by a line that
 * begins with OK, ERR or FAIL. Here are the commands that reach memory and device registers; those that drive a guest's
 * clock or intercept interrupts are answered FAIL. Main loop's thread with the machine lock held.
 */
public final class QtestServer implements Chardev.Frontend {
    private static final int CHUNK = 64 << 10;
    private static final int MAX_LINE = 64 << 20;
    private static final int MAX_OUTPUT = 256 << 20;

    private final Chardev chardev;
    private final QtestCommands commands;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private QtestServer(Chardev chardev, QtestCommands commands) {
        this.chardev = chardev;
        this.commands = commands;
    }

    /** Serves a chardev that nobody else uses. */
    public static void open(Chardev chardev, GuestMemory memory) {
        chardev.attach(new QtestServer(chardev, new QtestCommands(memory)));
    }

    @Override
    public int canReceive() {
        return CHUNK;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                line.write(bytes, start, i - start);
                start = i + 1;
                String command = line.toString(StandardCharsets.US_ASCII);
                line.reset();
                byte[] reply = (commands.run(command) + "\n").getBytes(StandardCharsets.US_ASCII);
                chardev.write(reply, 0, reply.length);
            }
        }
        line.write(bytes, start, length - start);
        if (line.size() > MAX_LINE) {
            line.reset();
        }
    }

    @Override
    public void closed() {
        line.reset();
    }

    @Override
    public int outputLimit() {
        return MAX_OUTPUT;
    }
}
