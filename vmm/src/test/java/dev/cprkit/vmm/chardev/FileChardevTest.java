package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.os.FdSets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChardevTest {
    @TempDir
    private Path folder;

    private LoopThread loop;
    private final Collector frontend = new Collector();

    @BeforeEach
    void start() throws Exception {
        loop = new LoopThread();
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void writesAndTruncatesOrAppends() throws Exception {
        Path file = folder.resolve("out");
        assertThat(writeOnce(file, false, "one\n")).isEqualTo("file");
        writeOnce(file, true, "two\n");
        assertThat(file).hasContent("one\ntwo\n");
        writeOnce(file, false, "three\n");
        assertThat(file).hasContent("three\n");
    }

    @Test
    void readsItsInputFileToTheEnd() throws Exception {
        Path input = Files.writeString(folder.resolve("in"), "typed");
        ChardevConfig.File config = new ChardevConfig.File(
                "f", folder.resolve("out").toString(), false, Optional.of(input.toString()), ChardevOptions.NONE);
        FileChardev chardev = loop.call(() -> new FileChardev(config, loop.loop(), new FdSets()));
        loop.call(() -> {
            chardev.attach(frontend);
            return null;
        });
        assertThat(frontend.next()).isEqualTo("<opened>");
        assertThat(frontend.next()).isEqualTo("typed");
        assertThat(frontend.next()).isEqualTo("<closed>");
        close(chardev);
    }

    @Test
    void copiesOutputToALog() throws Exception {
        Path log = Files.writeString(folder.resolve("log"), "before\n");
        for (boolean append : new boolean[] {true, false}) {
            ChardevOptions options = new ChardevOptions(false, Optional.of(new ChardevLog(log.toString(), append)));
            NullChardev chardev = new NullChardev(new ChardevConfig.Null("n", options));
            assertThat(chardev.filename()).isEqualTo("null");
            chardev.write("x\n".getBytes(StandardCharsets.UTF_8), 0, 2);
            chardev.close();
            assertThat(log).hasContent(append ? "before\nx\n" : "x\n");
        }
    }

    @Test
    void saysWhyAFileCannotBeOpened() {
        ChardevConfig.File config =
                new ChardevConfig.File("f", folder + "/no/such", false, Optional.empty(), ChardevOptions.NONE);
        assertThatThrownBy(() -> loop.call(() -> new FileChardev(config, loop.loop(), new FdSets())))
                .isInstanceOf(ChardevException.class)
                .hasMessage("Could not open '" + folder + "/no/such': No such file or directory");
    }

    private String writeOnce(Path file, boolean append, String text) throws Exception {
        ChardevConfig.File config =
                new ChardevConfig.File("f", file.toString(), append, Optional.empty(), ChardevOptions.NONE);
        FileChardev chardev = loop.call(() -> new FileChardev(config, loop.loop(), new FdSets()));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        loop.call(() -> {
            chardev.write(bytes, 0, bytes.length);
            return null;
        });
        close(chardev);
        return chardev.filename();
    }

    private void close(Chardev chardev) throws Exception {
        loop.call(() -> {
            chardev.close();
            return null;
        });
    }
}
