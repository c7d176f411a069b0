package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipeChardevTest {
    @TempDir
    private Path folder;

    @Test
    void readsOneFifoAndWritesTheOther() throws Exception {
        String path = folder.resolve("pipe").toString();
        Process process = new ProcessBuilder("mkfifo", path + ".in", path + ".out").start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        Collector frontend = new Collector();
        try (LoopThread loop = new LoopThread()) {
            PipeChardev pipe = loop.call(() -> {
                PipeChardev made = new PipeChardev(new ChardevConfig.Pipe("p", path, ChardevOptions.NONE), loop.loop());
                made.attach(frontend);
                return made;
            });
            assertThat(pipe.filename()).isEqualTo("pipe");
            assertThat(frontend.next()).isEqualTo("<opened>");
            for (String text : new String[] {"first", "second"}) {
                try (RandomAccessFile in = new RandomAccessFile(path + ".in", "rw")) {
                    in.write(text.getBytes(StandardCharsets.US_ASCII));
                }
                assertThat(frontend.next())
                        .as("a writer that goes is not an end")
                        .isEqualTo(text);
            }
            try (RandomAccessFile out = new RandomAccessFile(path + ".out", "rw")) {
                loop.call(() -> {
                    pipe.write(new byte[] {'a', 'b'}, 0, 2);
                    return null;
                });
                byte[] read = new byte[2];
                out.readFully(read);
                assertThat(read).containsExactly('a', 'b');
            }
            loop.call(() -> {
                pipe.close();
                return null;
            });
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        try (LoopThread loop = new LoopThread()) {
            assertThatThrownBy(() -> new PipeChardev(
                            new ChardevConfig.Pipe("p", folder + "/no", ChardevOptions.NONE), loop.loop()))
                    .isInstanceOf(ChardevException.class)
                    .hasMessage("Could not open '" + folder + "/no': No such file or directory");
        }
    }
}
