package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PtyChardevTest {
    @TempDir
    private Path folder;

    private final Collector frontend = new Collector();
    private LoopThread loop;

    @BeforeEach
    void start() throws Exception {
        loop = new LoopThread();
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void connectsWhoOpensTheTerminalAndThenTheNext() throws Exception {
        PtyChardev pty = open(Optional.empty());
        try {
            assertThat(pty.filename()).isEqualTo("pty:" + pty.path()).startsWith("pty:/dev/pts/");
            write(pty, "nobody reads this");
            for (String text : new String[] {"one\r\n\u0003", "two"}) {
                try (RandomAccessFile slave = new RandomAccessFile(pty.path(), "rw")) {
                    assertThat(frontend.next()).isEqualTo("<opened>");
                    write(pty, "out\n" + text);
                    byte[] read = new byte[4 + text.length()];
                    slave.readFully(read);
                    assertThat(new String(read, StandardCharsets.US_ASCII))
                            .as("unchanged, and nothing of before")
                            .isEqualTo("out\n" + text);
                    slave.write(text.getBytes(StandardCharsets.US_ASCII));
                    assertThat(frontend.next()).as("unchanged, and no echo").isEqualTo(text);
                }
                assertThat(frontend.next()).isEqualTo("<closed>");
            }
        } finally {
            close(pty);
        }
        assertThat(Path.of(pty.path())).as("the terminal is gone").doesNotExist();
    }

    @Test
    void makesALinkWhereItIsAskedTo() throws Exception {
        Path link = folder.resolve("console");
        PtyChardev pty = open(Optional.of(link.toString()));
        try {
            assertThat(Files.readSymbolicLink(link)).hasToString(pty.path());
            assertThatThrownBy(() -> open(Optional.of(link.toString())))
                    .isInstanceOf(ChardevException.class)
                    .hasMessage("Failed to create PTY symlink '" + link + "': File exists");
        } finally {
            close(pty);
        }
        assertThat(link).doesNotExist();
        assertThatThrownBy(() -> open(Optional.of(folder + "/no/link")))
                .hasMessage("Failed to create PTY symlink '" + folder + "/no/link': No such file or directory");
    }

    private PtyChardev open(Optional<String> link) throws Exception {
        return loop.call(() -> {
            PtyChardev pty = new PtyChardev(new ChardevConfig.Pty("p", link, ChardevOptions.NONE), loop.loop());
            pty.attach(frontend);
            return pty;
        });
    }

    private void write(Chardev chardev, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        loop.call(() -> {
            chardev.write(bytes, 0, bytes.length);
            return null;
        });
    }

    private void close(Chardev chardev) throws Exception {
        loop.call(() -> {
            chardev.close();
            return null;
        });
    }
}
