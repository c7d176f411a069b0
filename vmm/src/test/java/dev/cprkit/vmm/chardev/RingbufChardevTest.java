package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RingbufChardevTest {
    @Test
    void keepsTheLastBytesUntilTheyAreTaken() throws Exception {
        RingbufChardev ring = ring(8);
        write(ring, "abc");
        assertThat(taken(ring, 2)).isEqualTo("ab");
        write(ring, "0123456789");
        assertThat(taken(ring, 3)).isEqualTo("234");
        write(ring, "xyz");
        assertThat(taken(ring, 100)).isEqualTo("56789xyz");
        assertThat(taken(ring, 100)).isEmpty();
        assertThat(ring.filename()).isEqualTo("ringbuf");
    }

    @Test
    void hasASizeOfItsOwn() throws Exception {
        RingbufChardev ring = ring(0);
        write(ring, "x".repeat(70_000));
        assertThat(taken(ring, 100_000)).hasSize(65_536);
        Collector frontend = new Collector();
        ring.attach(frontend);
        assertThat(frontend.now()).containsExactly("<opened>");
    }

    @ParameterizedTest
    @CsvSource({
        "100, size of ringbuf chardev must be power of two",
        "2147483648, size of ringbuf chardev must be 1 GiB at most",
        "-9223372036854775808, size of ringbuf chardev must be 1 GiB at most",
    })
    void refusesOtherSizes(long size, String text) {
        assertThatThrownBy(() -> ring(size))
                .isInstanceOf(ChardevException.class)
                .hasMessage(text);
    }

    private static RingbufChardev ring(long size) throws ChardevException {
        return new RingbufChardev(new ChardevConfig.Ringbuf("r", size, "ringbuf", ChardevOptions.NONE));
    }

    private static void write(Chardev chardev, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        chardev.write(bytes, 0, bytes.length);
    }

    private static String taken(RingbufChardev ring, long most) {
        return new String(ring.take(most), StandardCharsets.US_ASCII);
    }
}
