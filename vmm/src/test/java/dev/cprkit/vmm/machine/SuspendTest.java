package dev.cprkit.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that suspends its machine to RAM: the bare-metal guest, with the SBI that is built in. */
@Timeout(120)
class SuspendTest {
    private static final Path GUEST = Path.of("../guest/bare/bare.bin");

    @TempDir
    private Path folder;

    private final StringBuilder console = new StringBuilder();
    private RealMachine real;
    private SocketChannel keys;

    @BeforeEach
    void boot() throws Exception {
        real = RealMachine.of(words("-kernel", GUEST.toString()));
        keys = SocketChannel.open(StandardProtocolFamily.UNIX);
        keys.connect(UnixDomainSocketAddress.of(folder.resolve("console")));
        keys.configureBlocking(false);
        cont();
        awaitConsole("N 2 ");
    }

    private String[] words(String... more) {
        String chardev = "socket,id=console,path=" + folder.resolve("console") + ",server=on,wait=off";
        String[] words = {
            "-M",
            "virt",
            "-m",
            "32M",
            "-nodefaults",
            "-display",
            "none",
            "-chardev",
            chardev,
            "-serial",
            "chardev:console"
        };
        String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return all;
    }

    @AfterEach
    void end() throws IOException {
        keys.close();
        real.close();
        assertThat(real.complaints).isEmpty();
    }

    private void cont() throws Exception {
        real.on(() -> {
            real.machine().resume();
            return 0;
        });
    }

    private void stop(RunState next) throws Exception {
        real.on(() -> {
            real.machine().stop(next);
            return 0;
        });
    }

    private void wakeUp() throws Exception {
        real.on(() -> {
            real.machine().wakeUp();
            return 0;
        });
    }

    private void type(char key) throws IOException {
        keys.write(ByteBuffer.wrap(new byte[] {(byte) key}));
    }

    private boolean consoleHas(String text) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (keys.read(buffer) > 0) {
                console.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
                buffer.clear();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return console.indexOf(text) >= 0;
    }

    private void awaitConsole(String text) {
        real.await("'" + text + "' on the console", () -> consoleHas(text));
    }

    private void sleep() throws Exception {
        real.events.clear();
        type('z');
        real.awaitEvent("SUSPEND");
        assertThat(real.machine().runState()).isEqualTo(RunState.SUSPENDED);
        awaitConsole("SLEEP\n");
    }

    /** It went on where it fell asleep, not a line in between, and counts. */
    private void awaitAwake() {
        awaitConsole("SLEEP\nAWAKE hart 0\n");
        int from = console.indexOf("AWAKE");
        real.await(
                "two more lines",
                () -> consoleHas("AWAKE") && console.indexOf(" ok\n", console.indexOf(" ok\n", from) + 1) > 0);
        assertThat(console).doesNotContain("BAD").doesNotContain("boot 2").doesNotContain("TRAP");
    }

    @Test
    void itSleepsUntilItIsWoken() throws Exception {
        sleep();
        long last = real.machine().lastGuestInstruction();
        assertThat(last).isPositive();
        wakeUp();
        assertThat(real.machine().runState()).isEqualTo(RunState.RUNNING);
        assertThat(real.events).containsExactly("SUSPEND", "WAKEUP");
        awaitAwake();
    }

    @Test
    void whoIsAwakeIsNotWoken() throws Exception {
        assertThat(real.machine().canWakeUp()).isTrue();
        assertThatThrownBy(this::wakeUp)
                .cause()
                .isInstanceOf(CannotResume.class)
                .hasMessage("Unable to wake up: guest is not in suspended state");
        try (RealMachine bare = RealMachine.of("-M", "virt", "-m", "16M", "-nodefaults", "-bios", "none")) {
            assertThat(bare.machine().canWakeUp()).isFalse();
            assertThatThrownBy(() -> bare.on(() -> {
                        bare.machine().wakeUp();
                        return 0;
                    }))
                    .cause()
                    .hasMessage("wake-up from suspend is not supported by this guest");
        }
    }

    @Test
    void stoppedInItsSleepItGoesOnSleeping() throws Exception {
        sleep();
        cont();
        assertThat(real.machine().runState()).as("it sleeps already").isEqualTo(RunState.SUSPENDED);
        stop(RunState.PAUSED);
        assertThat(real.machine().runState()).isEqualTo(RunState.PAUSED);
        assertThat(real.machine().wasSuspended()).isTrue();
        assertThatThrownBy(this::wakeUp).cause().hasMessage("Unable to wake up: guest is not in suspended state");
        cont();
        assertThat(real.machine().runState()).isEqualTo(RunState.SUSPENDED);
        wakeUp();
        assertThat(real.events).containsExactly("SUSPEND", "STOP", "RESUME", "WAKEUP");
        awaitAwake();
    }

    @Test
    void whoWasLeftAsleepAfterAMigrationMayBeTakenBack() throws Exception {
        sleep();
        stop(RunState.FINISH_MIGRATE);
        real.on(() -> {
            real.machine().setRunState(RunState.POSTMIGRATE);
            return 0;
        });
        cont();
        assertThat(real.machine().runState()).isEqualTo(RunState.SUSPENDED);
        wakeUp();
        awaitAwake();
    }

    @Test
    void aResetInItsSleepStartsItAnew() throws Exception {
        sleep();
        real.on(() -> {
            real.machine().reset("host-qmp-system-reset", false);
            return 0;
        });
        assertThat(real.machine().runState()).isEqualTo(RunState.PRELAUNCH);
        cont();
        assertThat(real.machine().runState()).isEqualTo(RunState.RUNNING);
        awaitConsole("boot 2");
        assertThat(console).doesNotContain("AWAKE");
    }

    @Test
    void theClocksAlarmWakesIt() throws Exception {
        sleep();
        real.on(() -> {
            GoldfishRtc rtc = (GoldfishRtc) real.board().devices().stream()
                    .filter(GoldfishRtc.class::isInstance)
                    .findFirst()
                    .orElseThrow();
            rtc.write(0x10, 4, 1);
            rtc.write(0x0c, 4, 0);
            rtc.write(0x08, 4, 1); // long past
            return 0;
        });
        real.awaitEvent("WAKEUP");
        awaitAwake();
    }
}
