package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.Terminal;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The process's standard input and output. A terminal is made raw, and put back when the chardev is closed or the
 * process ends.
 *
 * <p>O_NONBLOCK belongs to the open file, which is shared with the shell and whatever else runs on the terminal, so it
 * is never set on descriptors 0 and 1: terminals and pipes are opened once more through /proc/self/fd (proc(5)), which
 * makes an open file of our own. What cannot be opened again is written in pieces so small that poll(2)'s word for
 * "writable" holds.
 */
public final class StdioChardev extends FdChardev {
    private static final int SMALL_WRITE = 256;

    private final Optional<Terminal> terminal;
    private final Thread restorer;
    private final boolean signals;

    /**
     * Takes standard input and output over.
     *
     * @throws ChardevException if the terminal cannot be made raw
     */
    public StdioChardev(ChardevConfig.Stdio config, EventLoop loop) throws ChardevException {
        super(config.id(), "stdio", config.options().log(), loop, open());
        terminal = Terminal.of(0);
        signals = config.signal();
        restorer = new Thread(this::restoreTerminal, "stdio-restore");
        if (terminal.isPresent()) {
            try {
                terminal.get().raw(config.signal());
            } catch (ErrnoException e) {
                super.close();
                throw new ChardevException("cannot set up the terminal of standard input: " + e.text());
            }
            Runtime.getRuntime().addShutdownHook(restorer);
        }
    }

    @Override
    public void lendTerminal(boolean lend) {
        if (terminal.isPresent()) {
            try {
                if (lend) {
                    terminal.get().restore();
                } else {
                    terminal.get().raw(signals);
                }
            } catch (ErrnoException e) {
                System.err.println("vmm: warning: the terminal's settings cannot be changed: " + e.text());
            }
        }
    }

    @Override
    public void close() {
        super.close();
        if (terminal.isPresent()) {
            restoreTerminal();
            try {
                Runtime.getRuntime().removeShutdownHook(restorer);
            } catch (IllegalStateException e) {
                // The process is ending already: the hook runs or has run, and restoring twice does no harm.
                return;
            }
        }
    }

    private void restoreTerminal() {
        try {
            terminal.orElseThrow().restore();
        } catch (ErrnoException e) {
            System.err.println(
                    "vmm: warning: the terminal's settings cannot be restored (stty sane does): " + e.text());
        }
    }

    private static Port open() throws ChardevException {
        if (!Fds.isOpen(0) || !Fds.isOpen(1)) {
            throw new ChardevException("standard input or output is closed; redirect it to /dev/null instead");
        }
        try {
            int in = ownFile(0, Fds.O_RDONLY);
            int out = ownFile(1, Fds.O_WRONLY);
            boolean ours = out >= 0 || isRegular(1);
            return new FilePort(
                    in >= 0 ? in : Fds.dup(0), out >= 0 ? out : Fds.dup(1), ours ? Integer.MAX_VALUE : SMALL_WRITE);
        } catch (ErrnoException e) {
            throw new ChardevException("cannot use standard input and output: " + e.text());
        }
    }

    /** A non-blocking open file of our own for the terminal or pipe behind a descriptor, or -1 if there cannot be one. */
    private static int ownFile(int fd, int access) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            if (!target.startsWith("pipe:") && !target.startsWith("/dev/")) {
                return -1; // a regular file has a position that is shared and must stay so; a socket cannot be opened
            }
            return Fds.open("/proc/self/fd/" + fd, access | Fds.O_NONBLOCK, 0);
        } catch (IOException e) {
            return -1;
        }
    }

    private static boolean isRegular(int fd) {
        return Files.isRegularFile(Path.of("/proc/self/fd/" + fd));
    }
}
