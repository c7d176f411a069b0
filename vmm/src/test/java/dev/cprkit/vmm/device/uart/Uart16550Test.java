package dev.cprkit.vmm.device.uart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.device.RecordingChardev;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import dev.cprkit.vmm.state.StateException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Uart16550Test {
    private static final int DATA = 0;
    private static final int IER = 1;
    private static final int IIR = 2;
    private static final int FCR = 2;
    private static final int LCR = 3;
    private static final int MCR = 4;
    private static final int LSR = 5;
    private static final int MSR = 6;
    private static final int SCR = 7;

    private static final int FIFOS = 0xc0;
    private static final int NONE = 1;
    private static final int TRANSMIT = 2;
    private static final int RECEIVE = 4;
    private static final int LINE = 6;
    private static final int TIMEOUT = 0xc;

    private final Wire irq = new Wire();
    private final RecordingChardev chardev = new RecordingChardev();
    private final ManualClock clock = new ManualClock(0);
    private final Uart16550 uart = new Uart16550(irq, chardev, clock);

    private int read(int register) {
        return (int) uart.read(register, 1);
    }

    private void write(int register, int value) {
        uart.write(register, 1, value);
    }

    private String drain() {
        StringBuilder text = new StringBuilder();
        while ((read(LSR) & 1) != 0) {
            text.append((char) read(DATA));
        }
        return text.toString();
    }

    @Test
    void registersAtPowerOn() {
        checkPowerOn();
    }

    private void checkPowerOn() {
        assertThat(read(IER)).isZero();
        assertThat(read(IIR)).isEqualTo(NONE);
        assertThat(read(LSR)).isEqualTo(0x60);
        assertThat(read(MSR)).isEqualTo(0xb0);
        assertThat(read(MCR)).isEqualTo(8);
    }

    @Test
    void sendsEachByteAtOnce() {
        write(DATA, 'o');
        write(DATA, 'k');
        assertThat(chardev.takeSent()).isEqualTo("ok");
        assertThat(read(LSR)).isEqualTo(0x60);
    }

    @Test
    void divisorAndScratchAreKept() {
        write(LCR, 0x83);
        write(0, 0x34);
        write(1, 0x12);
        assertThat(read(0)).isEqualTo(0x34);
        assertThat(read(1)).isEqualTo(0x12);
        write(LCR, 3);
        write(SCR, 0xa5);
        assertThat(read(SCR)).isEqualTo(0xa5);
        assertThat(read(LCR)).isEqualTo(3);
        assertThat(read(IER)).isZero();
    }

    @Test
    void transmitInterruptComesWhenEnabledAndAfterEachByte() {
        write(IER, 2);
        assertThat(irq.isHigh()).isTrue();
        assertThat(read(IIR)).isEqualTo(TRANSMIT);
        assertThat(irq.isHigh()).isFalse();
        assertThat(read(IIR)).isEqualTo(NONE);
        write(DATA, 'x');
        assertThat(read(IIR)).isEqualTo(TRANSMIT);
        write(IER, 0);
        write(IER, 2);
        assertThat(read(IIR))
                .as("Linux tests that enabling it again raises it again")
                .isEqualTo(TRANSMIT);
    }

    @Test
    void withoutFifosItTakesOneByteAtATime() {
        write(IER, 1);
        chardev.type("ab");
        assertThat(chardev.waiting()).isEqualTo(1);
        assertThat(irq.isHigh()).isTrue();
        assertThat(read(IIR)).isEqualTo(RECEIVE);
        assertThat(read(DATA)).isEqualTo('a');
        assertThat(read(DATA)).isEqualTo('b');
        assertThat(irq.isHigh()).isFalse();
        assertThat(read(LSR)).isEqualTo(0x60);
    }

    @Test
    void triggerLevelsOfTheFifo() {
        int[] levels = {1, 4, 8, 14};
        for (int i = 0; i < levels.length; i++) {
            write(FCR, 1 | 2 | i << 6);
            write(IER, 1);
            chardev.type("x".repeat(levels[i] - 1));
            assertThat(irq.isHigh()).as("below level %d", levels[i]).isFalse();
            chardev.type("y");
            assertThat(read(IIR)).isEqualTo(FIFOS | RECEIVE);
            drain();
            assertThat(irq.isHigh()).isFalse();
        }
    }

    @Test
    void theFifoHoldsSixteenAndTheRestWaits() {
        write(FCR, 1);
        chardev.type("abcdefghijklmnopqrst");
        assertThat(chardev.waiting()).isEqualTo(4);
        assertThat(drain()).isEqualTo("abcdefghijklmnopqrst");
        assertThat(read(LSR) & 2).as("overrun").isZero();
    }

    @Test
    void aFewBytesRaiseTheTimeoutAfterFourCharacters() {
        write(LCR, 3);
        write(FCR, 1 | 3 << 6);
        write(IER, 1);
        chardev.type("abc");
        long character = 10L * 16 * 12 * 1_000_000_000L / Uart16550.CLOCK_FREQUENCY;
        clock.advance(4 * character - 10);
        assertThat(irq.isHigh()).isFalse();
        clock.advance(20);
        assertThat(read(IIR)).isEqualTo(FIFOS | TIMEOUT);
        assertThat(read(DATA)).isEqualTo('a');
        assertThat(irq.isHigh()).isFalse();
        clock.advance(4 * character + 10);
        assertThat(read(IIR)).isEqualTo(FIFOS | TIMEOUT);
        assertThat(drain()).isEqualTo("bc");
        clock.advance(1_000_000_000);
        assertThat(irq.isHigh()).isFalse();
    }

    @Test
    void lineStatusComesBeforeReceivedData() {
        write(FCR, 1);
        write(IER, 5);
        uart.lineBroke();
        assertThat(read(IIR)).isEqualTo(FIFOS | LINE);
        assertThat(read(LSR)).isEqualTo(0x60 | 0x11);
        assertThat(read(IIR)).isEqualTo(FIFOS | RECEIVE);
        assertThat(read(DATA)).isZero();
        assertThat(read(IIR)).isEqualTo(FIFOS | NONE);
    }

    @Test
    void loopbackReturnsBytesAndModemLines() {
        write(MCR, 0x10 | 0xa);
        assertThat(read(MSR) & 0xf0).as("Linux's test for a 16550").isEqualTo(0x90);
        write(MCR, 0x10 | 0x5);
        assertThat(read(MSR)).isEqualTo(0x60);
        write(DATA, 'z');
        assertThat(chardev.takeSent()).isEmpty();
        assertThat(drain()).isEqualTo("z");
        chardev.type("later");
        assertThat(chardev.waiting()).isEqualTo(5);
        write(FCR, 1);
        write(MCR, 8);
        assertThat(drain()).isEqualTo("later");
    }

    @Test
    void clearingTheReceiverDropsWhatIsInIt() {
        write(FCR, 1);
        chardev.type("gone");
        write(FCR, 1 | 2);
        assertThat(read(LSR)).isEqualTo(0x60);
        assertThat(read(DATA)).isZero();
        chardev.type("here");
        assertThat(drain()).isEqualTo("here");
    }

    @Test
    void travelsIdleInElevenBytes() throws Exception {
        assertThat(Travel.save(uart)).hasSize(11);
    }

    @Test
    void travelsWithFullFifoRunningTimeoutAndPendingInterrupts() throws Exception {
        write(LCR, 3);
        write(FCR, 1 | 3 << 6);
        write(IER, 7);
        write(SCR, 0x5a);
        chardev.type("hello");
        assertThat(read(IIR)).isEqualTo(FIFOS | TRANSMIT);
        write(DATA, '!');

        Wire there = new Wire();
        RecordingChardev line = new RecordingChardev();
        ManualClock later = new ManualClock(clock.now());
        Uart16550 other = new Uart16550(there, line, later);
        Travel.load(other, Travel.save(uart));
        assertThat(line.takeSent()).isEmpty();
        assertThat(there.isHigh()).isTrue();
        assertThat(other.read(IIR, 1)).isEqualTo(FIFOS | TRANSMIT);
        assertThat(there.isHigh()).isFalse();
        later.advance(100_000_000);
        assertThat(other.read(IIR, 1)).isEqualTo(FIFOS | TIMEOUT);
        assertThat(other.read(SCR, 1)).isEqualTo(0x5a);
        StringBuilder text = new StringBuilder();
        while ((other.read(LSR, 1) & 1) != 0) {
            text.append((char) other.read(DATA, 1));
        }
        assertThat(text.toString()).isEqualTo("hello");
    }

    @Test
    void aTransmitInterruptHiddenBehindAnotherTravels() throws Exception {
        write(IER, 3);
        chardev.type("x");
        assertThat(read(IIR)).isEqualTo(RECEIVE);
        Uart16550 other = new Uart16550(new Wire(), new RecordingChardev(), new ManualClock(0));
        Travel.load(other, Travel.save(uart));
        assertThat(other.read(IIR, 1)).isEqualTo(RECEIVE);
        other.read(DATA, 1);
        assertThat(other.read(IIR, 1)).isEqualTo(TRANSMIT);
    }

    @Test
    void aFifoThatCannotBeIsRefused() throws Exception {
        write(FCR, 1);
        chardev.type("x");
        byte[] state = Travel.save(uart);
        String name = "serial/recv_fifo";
        int at = new String(state, StandardCharsets.ISO_8859_1).indexOf(name) + name.length();
        state[at + 4 + 16 + 3] = 99;
        Uart16550 other = new Uart16550(new Wire(), new RecordingChardev(), new ManualClock(0));
        assertThatThrownBy(() -> Travel.load(other, state))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("from position 99");
    }

    @Test
    void resetSilencesTheLine() {
        write(FCR, 1);
        write(IER, 0xf);
        chardev.type("abc");
        uart.reset();
        assertThat(irq.isHigh()).isFalse();
        checkPowerOn();
    }
}
