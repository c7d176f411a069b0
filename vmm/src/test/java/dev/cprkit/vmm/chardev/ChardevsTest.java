package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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
                .hasMessage("Chardev with id 'n' already exists");
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
