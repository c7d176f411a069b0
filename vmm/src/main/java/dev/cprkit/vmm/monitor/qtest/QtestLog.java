package dev.cprkit.vmm.monitor.qtest;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** What was said on a qtest connection and when, in QEMU's form ({@code -qtest-log}). With the machine lock held. */
public final class QtestLog implements AutoCloseable {
    private static final int MICROS = 1_000_000;

    private final Consumer<String> complaints;
    private Optional<Writer> out;
    private final long start = System.nanoTime();

    private QtestLog(Optional<Writer> out, Consumer<String> complaints) {
        this.out = out;
        this.complaints = complaints;
    }

    /** Writes to a file, which is emptied first, or nowhere. {@code complaints} is told when it cannot go on. */
    public static QtestLog to(Optional<String> file, Consumer<String> complaints) throws IOException {
        return new QtestLog(
                file.isPresent() ? Optional.of(Files.newBufferedWriter(Path.of(file.get()))) : Optional.empty(),
                complaints);
    }

    void note(String text) {
        write('I', text);
    }

    void received(String line) {
        write('R', line);
    }

    void sent(String line) {
        write('S', line);
    }

    private void write(char kind, String text) {
        if (out.isEmpty()) {
            return;
        }
        long micros = (System.nanoTime() - start) / 1000;
        String fraction = Long.toString(MICROS + micros % MICROS).substring(1);
        try {
            out.get().write("[" + kind + " +" + micros / MICROS + "." + fraction + "] " + text + "\n");
            out.get().flush();
        } catch (IOException e) {
            out = Optional.empty();
            complaints.accept("-qtest-log cannot be written any more and ends: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        if (out.isPresent()) {
            out.get().close();
        }
    }
}
