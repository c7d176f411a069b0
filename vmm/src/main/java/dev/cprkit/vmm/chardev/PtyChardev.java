package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.PseudoTerminal;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A pseudo-terminal. While no program has its slave open, output is thrown away; the kernel tells nobody when one comes,
 * so that is looked for once a second, as QEMU does.
 */
public final class PtyChardev extends LinkedChardev {
    private static final long LOOK_NS = 1_000_000_000L;

    private EventLoop loop;
    private final PseudoTerminal terminal;
    private final Optional<Path> symbolicLink;
    private Clock.Timer look;
    private boolean closed;

    /** The master as one connection sees it: it outlives the connection. */
    private record MasterPort(int fd) implements Port {
        @Override
        public int in() {
            return fd;
        }

        @Override
        public int out() {
            return fd;
        }

        @Override
        public int read(byte[] buffer, int length) throws ErrnoException {
            return Fds.read(fd, buffer, 0, length);
        }

        @Override
        public int write(byte[] bytes, int offset, int length) throws ErrnoException {
            return Fds.write(fd, bytes, offset, length);
        }

        @Override
        public void close() {}
    }

    /**
     * Makes the pseudo-terminal, and a symbolic link to it if one is asked for.
     *
     * @throws ChardevException if that cannot be
     */
    public PtyChardev(ChardevConfig.Pty config, EventLoop loop) throws ChardevException {
        super(config.id(), config.options().log());
        this.loop = loop;
        try {
            terminal = PseudoTerminal.open();
        } catch (ErrnoException e) {
            super.close();
            throw new ChardevException("Failed to create PTY: " + e.text());
        }
        symbolicLink = link(config);
        look = loop.hostClock().timer(this::look);
        look.arm(loop.hostClock().now());
    }

    private Optional<Path> link(ChardevConfig.Pty config) throws ChardevException {
        if (config.link().isEmpty()) {
            return Optional.empty();
        }
        String path = config.link().get();
        try {
            return Optional.of(Files.createSymbolicLink(Path.of(path), Path.of(terminal.path())));
        } catch (IOException | InvalidPathException e) {
            terminal.close();
            super.close();
            throw new ChardevException("Failed to create PTY symlink '" + path + "': " + reason(e));
        }
    }

    private static String reason(Exception e) {
        return switch (e) {
            case java.nio.file.FileAlreadyExistsException there -> "File exists";
            case java.nio.file.NoSuchFileException missing -> "No such file or directory";
            case java.nio.file.AccessDeniedException denied -> "Permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    @Override
    public String filename() {
        return "pty:" + terminal.path();
    }

    /** The path that another program opens. */
    public String path() {
        return terminal.path();
    }

    private void look() {
        try {
            if (closed || isConnected()) {
                return;
            }
            if (terminal.hungUp()) {
                look.arm(loop.hostClock().now() + LOOK_NS);
                return;
            }
            connect(new Link(loop, new MasterPort(terminal.fd()), this));
        } catch (ErrnoException e) {
            System.err.println("vmm: warning: chardev " + label() + ": the pseudo-terminal cannot be watched any more: "
                    + e.text());
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        look.cancel();
        super.close();
        terminal.close();
        if (symbolicLink.isPresent()) {
            try {
                Files.deleteIfExists(symbolicLink.get());
            } catch (IOException e) {
                System.err.println(
                        "vmm: warning: the link " + symbolicLink.get() + " cannot be removed: " + e.getMessage());
            }
        }
    }

    @Override
    void moveTo(EventLoop next) {
        loop = next;
        super.moveTo(next);
        look.cancel();
        look = next.hostClock().timer(this::look);
        look.arm(next.hostClock().now());
    }

    @Override
    public void ended() {
        if (leave()) {
            look.arm(loop.hostClock().now() + LOOK_NS);
        }
    }

    @Override
    public void broken(String why) {
        ended();
    }
}
