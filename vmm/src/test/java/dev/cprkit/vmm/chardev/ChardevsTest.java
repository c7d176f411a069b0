package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChardevsTest {
    @TempDir
    private Path folder;

    private final AtomicInteger terminated = new AtomicInteger();
    private LoopThread loop;
    private Chardevs chardevs;

    @BeforeEach
    void start() throws Exception {
        loop = new LoopThread();
        chardevs = new Chardevs(loop.loop(), terminated::incrementAndGet);
    }

    @AfterEach
    void stop() throws Exception {
        loop.call(() -> {
            chardevs.close();
            return null;
        });
        loop.close();
    }

    @Test
    void aChardevHasOneUser() throws Exception {
        chardevs.open(new ChardevConfig.Null("n", ChardevOptions.NONE));
        assertThat(chardevs.all()).containsExactly(new Chardevs.Info("n", "null", false));
        chardevs.claim("n").attach(new Collector());
        assertThat(chardevs.all()).containsExactly(new Chardevs.Info("n", "null", true));
        assertThatThrownBy(() -> chardevs.claim("n")).hasMessageStartingWith("chardev \"n\" is in use");
        assertThatThrownBy(() -> chardevs.claim("m")).hasMessage("chardev \"m\" not found");
        assertThatThrownBy(() -> chardevs.open(new ChardevConfig.Null("n", ChardevOptions.NONE)))
                .hasMessage("attempt to add duplicate property 'n' to object (type 'container')");
    }

    @Test
    void aSharedChardevSwitchesWithCtrlAC() throws Exception {
        Collector monitor = new Collector() {
            @Override
            public boolean wantsFocus() {
                return false;
            }
        };
        Collector serial = new Collector();
        try (Peer peer = share(monitor, serial)) {
            assertThat(chardevs.all())
                    .extracting(Chardevs.Info::label, Chardevs.Info::filename)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("s-base", "unix:" + folder + "/s,server=on"),
                            org.assertj.core.groups.Tuple.tuple("s", "mux"));
            peer.send("to serial");
            assertThat(serial.next()).isEqualTo("to serial");
            peer.send("a\u0001\u0001b\u0001ccd");
            assertThat(serial.next()).isEqualTo("a");
            assertThat(serial.next()).isEqualTo("\u0001b");
            assertThat(serial.next()).isEqualTo("<no focus>");
            assertThat(monitor.next()).isEqualTo("<focus>");
            assertThat(monitor.next()).isEqualTo("cd");
            peer.send("\u0001h");
            assertThat(peer.readTo("send Ctrl-A\r\n")).contains("C-a x");
            peer.send("\u0001x");
            peer.readTo("terminated by Ctrl-A X\r\n");
            loop.call(() -> assertThat(terminated).hasValue(1));
        }
    }

    @Test
    void aSharedChardevSendsBreaksAndStampsLines() throws Exception {
        Collector monitor = new Collector();
        Collector serial = new Collector();
        try (Peer peer = share(monitor, serial)) {
            peer.send("\u0001b\u0001s");
            assertThat(serial.next()).isEqualTo("<break>");
            peer.send("\u0001t!");
            assertThat(serial.next()).isEqualTo("!");
            loop.call(() -> {
                Chardev channel = chardevs.claim("s");
                byte[] text = "a\nb\nc".getBytes(StandardCharsets.US_ASCII);
                channel.write(text, 0, text.length);
                return null;
            });
            assertThat(peer.readTo("c"))
                    .startsWith("a\n[00:00:00.000] b\n[00:00:00.0")
                    .hasSize("a\n[00:00:00.000] b\n[00:00:00.000] c".length());
        }
    }

    @Test
    void anotherChardevTakesTheOnesPlace() throws Exception {
        Collector serial = new Collector();
        chardevs.open(new ChardevConfig.Ringbuf("n", 16, "ringbuf", ChardevOptions.NONE));
        Chardev held = chardevs.claim("n");
        held.attach(serial);
        write(held, "one");
        assertThat(chardevs.ringbuf("n").take(9)).asString().isEqualTo("one");

        chardevs.exchange(new ChardevConfig.File("n", folder + "/out", false, Optional.empty(), ChardevOptions.NONE));
        write(held, "two");
        assertThat(folder.resolve("out")).hasContent("two");
        assertThat(chardevs.all()).containsExactly(new Chardevs.Info("n", "file", true));
        assertThat(held.filename()).isEqualTo("file");

        assertThatThrownBy(() -> chardevs.exchange(
                        new ChardevConfig.File("n", folder + "/no/out", false, Optional.empty(), ChardevOptions.NONE)))
                .hasMessage("Could not open '" + folder + "/no/out': No such file or directory");
        write(held, "!");
        assertThat(folder.resolve("out")).as("the old one stays").hasContent("two!");
        serial.bearsExchange = false;
        assertThatThrownBy(() -> chardevs.exchange(new ChardevConfig.Null("n", ChardevOptions.NONE)))
                .hasMessage("Chardev user does not support chardev hotswap");
        assertThatThrownBy(() -> chardevs.exchange(new ChardevConfig.Null("m", ChardevOptions.NONE)))
                .hasMessage("Chardev 'm' does not exist");
        chardevs.open(new ChardevConfig.Null("x", ChardevOptions.MUX));
        assertThatThrownBy(() -> chardevs.exchange(new ChardevConfig.Null("x", ChardevOptions.NONE)))
                .hasMessage("For mux or hub device hotswap is not supported yet");
        chardevs.remove("x");
    }

    @Test
    void aBreakGoesToTheUser() throws Exception {
        Collector serial = new Collector();
        chardevs.open(new ChardevConfig.Null("n", ChardevOptions.NONE));
        chardevs.claim("n").attach(serial);
        serial.now();
        chardevs.sendBreak("n");
        assertThat(serial.now()).containsExactly("<break>");
        assertThatThrownBy(() -> chardevs.sendBreak("m")).hasMessage("Chardev 'm' not found");
    }

    private static void write(Chardev chardev, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        chardev.write(bytes, 0, bytes.length);
    }

    @Test
    void escapesWorkWhileTheGuestTakesNoInput() throws Exception {
        Collector monitor = new Collector();
        Collector serial = new Collector();
        serial.room = 0;
        try (Peer peer = share(monitor, serial)) {
            peer.send("stuck\u0001cinfo");
            assertThat(serial.next()).isEqualTo("<no focus>");
            assertThat(monitor.next()).isEqualTo("<focus>");
            assertThat(monitor.next()).isEqualTo("info");
            loop.call(() -> {
                serial.room = 3;
                return null;
            });
            peer.send("\u0001c");
            assertThat(serial.next()).isEqualTo("<focus>");
        }
    }

    /** Monitor and serial line on one socket, with a client; the serial line has the focus. */
    private Peer share(Collector monitor, Collector serial) throws Exception {
        loop.call(() -> {
            chardevs.open(new ChardevConfig.Socket(
                    "s", new SocketTarget.Unix(folder + "/s"), true, false, 0, false, ChardevOptions.MUX));
            chardevs.claim("s").attach(monitor);
            chardevs.claim("s").attach(serial);
            return null;
        });
        Peer peer = Peer.connect(folder + "/s");
        while (!monitor.next().equals("<opened>")) {
            assertThat(monitor.happened).isNotNull();
        }
        while (!serial.next().equals("<opened>")) {
            assertThat(serial.happened).isNotNull();
        }
        monitor.now();
        serial.now();
        return peer;
    }
}
