package dev.cprkit.vmm.migration.ram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.migration.ram.RamSaver.ZeroPages;
import dev.cprkit.vmm.os.FilePositions;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout of a mapped-ram file, written and read. */
class MappedRamTest {
    private static final int PAGE = TestRam.PAGE;
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private Path path;
    private int fd = -1;
    private final TestRam from = new TestRam(300, 70);
    private final TestRam to = new TestRam(300, 70).scribble(5);

    @BeforeEach
    void open() throws Exception {
        path = folder.resolve("ram");
        fd = Fds.open(path.toString(), Fds.O_RDWR | Fds.O_CREAT, 0600);
    }

    @AfterEach
    void end() {
        Fds.close(fd);
        from.close();
        to.close();
    }

    /** Reads and writes the descriptor at its position. */
    private final class Stream implements StateOutput.Sink, StateInput.Source {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                assertThat(Fds.write(fd, bytes, offset, length)).isEqualTo(length);
            } catch (Exception e) {
                throw new IOException(e);
            }
        }

        @Override
        public void writeDescriptor(int descriptor) {
            throw new AssertionError();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                int n = Fds.read(fd, into, offset, length);
                return n == 0 ? -1 : n;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }

        @Override
        public int readDescriptor(StateInput in) {
            throw new AssertionError();
        }
    }

    private static RamPlan plan(TestRam ram) {
        return ram.plan(RamPlan.Pages.ALL, false, true);
    }

    private void save(long offset) throws Exception {
        FilePositions.seek(fd, offset);
        StateOutput out = StateOutput.to(new Stream());
        try (RamSaver saver = new RamSaver(
                plan(from),
                from.log(),
                ZeroPages.DETECTED,
                new RamStatistics(0),
                Optional.of(new DescriptorFile(fd)))) {
            out.u32(0x12345678);
            saver.writeStart(out);
            saver.writeSome(out, 20 * PAGE, Long.MAX_VALUE);
            saver.writeSome(out, Long.MAX_VALUE, Long.MAX_VALUE);
            from.write(0, 4, 0);
            from.write(1, 69, 7);
            saver.sync();
            saver.writeRest(out);
        }
        out.u32(0x9abcdef0);
        out.flush();
    }

    private void load(long offset) throws Exception {
        FilePositions.seek(fd, offset);
        StateInput in = StateInput.from(new Stream());
        RamLoader loader = new RamLoader(plan(to), Optional.of(new DescriptorFile(fd)));
        assertThat(in.u32()).isEqualTo(0x12345678);
        for (int section = 0; section < 4; section++) {
            loader.load(in);
        }
        assertThat(in.u32()).isEqualTo(0x9abcdef0);
        assertThat(in.atEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0", "4096", "5000000"})
    void whatIsSavedIsLoaded(long offset) throws Exception {
        from.scribble(4);
        from.write(0, 4, 1); // becomes zero again while it is saved
        save(offset);
        load(offset);
        for (int block = 0; block < 2; block++) {
            assertThat(to.bytes(block)).isEqualTo(from.bytes(block));
        }
    }

    @Test
    void theLayoutIsThatOfTheReference() throws Exception {
        from.write(0, 2, 5);
        from.write(0, 4, 1);
        save(0);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
        // magic, total, idstr, size; then the header
        int header = 4 + 8 + 2 + 8;
        assertThat(file.getInt(header)).isEqualTo(1);
        assertThat(file.getLong(header + 4)).isEqualTo(PAGE);
        int bitmap = header + 28;
        assertThat(file.getLong(header + 12)).isEqualTo(bitmap);
        assertThat(file.getLong(header + 20)).isEqualTo(MIB);
        assertThat(file.order(ByteOrder.LITTLE_ENDIAN).getLong(bitmap)).isEqualTo(1 << 2);
        assertThat(file.get(MIB + 2 * PAGE + 2)).isEqualTo((byte) 5);
        int next = MIB + 300 * PAGE;
        assertThat(file.get(next)).isEqualTo((byte) 1);
        assertThat(file.get(next + 1)).isEqualTo((byte) 'b');
        int pages = 3 * MIB;
        assertThat(file.order(ByteOrder.BIG_ENDIAN).getLong(next + 2 + 8 + 20)).isEqualTo(pages);
        assertThat(file.get(pages + 69 * PAGE + 69)).isEqualTo((byte) 7);
        // after the last block: EOS of START, of two PARTs and of END, then what follows
        int end = pages + 70 * PAGE;
        for (int i = 0; i < 4; i++) {
            assertThat(file.getLong(end + 8 * i)).isEqualTo(0x10);
        }
        assertThat(file.capacity()).isEqualTo(end + 4 * 8 + 4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0  | 4 | 2 | Migration mapped-ram capability version not supported (expected <= 1, got 2)
        4  | 8 | 16384 | the pages of block a have 16384 bytes in the file; those of this machine have 4096
        20 | 8 | 1048577 | Error reading ramblock a pages, region has bad alignment
        20 | 8 | -1048576 | the places of block a lie outside of any file
        12 | 8 | -1 | the places of block a lie outside of any file
        """)
    void badHeadersAreRefusedInOneSentence(int at, int bytes, long value, String text) throws Exception {
        save(0);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
        int place = 22 + at;
        if (bytes == 4) {
            file.putInt(place, (int) value);
        } else {
            file.putLong(place, value);
        }
        Files.write(path, file.array());
        assertThatThrownBy(() -> load(0)).isInstanceOf(StateException.class).hasMessage(text);
    }

    @Test
    void aFileThatWasCutOffIsRefused() throws Exception {
        from.scribble(6);
        save(0);
        Files.write(path, Arrays.copyOf(Files.readAllBytes(path), 2 * MIB));
        assertThatThrownBy(() -> load(0))
                .isInstanceOf(EOFException.class)
                .hasMessageStartingWith("the file ends before the ");
    }

    @Test
    void aStreamWithoutAFileCannotBeOne() throws Exception {
        save(0);
        RamLoader loader = new RamLoader(plan(to), Optional.empty());
        FilePositions.seek(fd, 4);
        assertThatThrownBy(() -> loader.load(StateInput.from(new Stream())))
                .isInstanceOf(StateException.class)
                .hasMessage("capability mapped-ram needs a file, and the stream does not come from one");
    }
}
