package dev.cprkit.cprctl.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal on standard input in raw mode, by stty(1): each key goes through as it is, none makes a signal, and nothing
 * is echoed. Closing it, or the end of this process, puts back what was set before.
 */
public final class RawTerminal implements AutoCloseable {
    private static final int LIMIT_SECONDS = 5;

    private final String before;
    private final Thread hook;
    private boolean restored;

    private RawTerminal(String before) {
        this.before = before;
        this.hook = Thread.ofPlatform().name("restore the terminal").unstarted(this::restore);
    }

    /** @throws IOException if standard input is no terminal, or there is no stty; the message is a sentence */
    public static RawTerminal enter() throws IOException {
        RawTerminal terminal = new RawTerminal(stty("-g").strip());
        Runtime.getRuntime().addShutdownHook(terminal.hook);
        stty("raw", "-echo");
        return terminal;
    }

    private static String stty(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        try {
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("the terminal cannot be set: " + printed.strip());
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while setting the terminal", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private synchronized void restore() {
        if (!restored) {
            restored = true;
            try {
                stty(before);
            } catch (IOException e) {
                System.err.println("cprctl: " + e.getMessage() + "; run: stty sane");
            }
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is going down: the hook finds that there is nothing left to do
        }
    }
}
