package dev.cprkit.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.device.aclint.Mtimer;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.device.uart.Uart16550;
import dev.cprkit.vmm.device.virtio.VirtioMmio;
import dev.cprkit.vmm.device.virtio.rng.VirtioRng;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Device state out of a stream of QEMU 11.1.3, made by writing registers through qtest and migrating to a file: our
 * devices take it, show the registers that were written, and send the same bytes.
 */
class QemuStateTest {
    private static byte[] qemu(String section) throws IOException {
        try (InputStream packed = QemuStateTest.class.getResourceAsStream("qemu-11.1/" + section + ".gz");
                InputStream plain = new GZIPInputStream(packed)) {
            return plain.readAllBytes();
        }
    }

    private static void takesAndReturns(Device device, String section) throws Exception {
        assertThat(device.sections()).hasSize(1);
        assertThat(device.sections().getFirst().idstr()).endsWith(section);
        Travel.load(device, qemu(section));
        assertThat(Travel.save(device)).isEqualTo(qemu(section));
    }

    @Test
    void mtimer() throws Exception {
        ManualClock clock = new ManualClock(0);
        Wire line = new Wire();
        Mtimer timer = new Mtimer(clock, List.of(line));
        takesAndReturns(timer, "riscv_mtimer");
        assertThat(timer.read(0, 8)).isEqualTo(0x12_3456_789aL);
        assertThat(line.isHigh()).isFalse();
        clock.advance(0x12_3456_789aL * 100);
        assertThat(line.isHigh()).isTrue();
    }

    @Test
    void plicWithTheUartClaimed() throws Exception {
        Wire meip = new Wire();
        Wire seip = new Wire();
        Plic plic = new Plic(Plic.SOURCES, List.of(meip, seip));
        takesAndReturns(plic, "riscv_sifive_plic");
        assertThat(plic.read(40, 4)).isEqualTo(3);
        assertThat(plic.read(44, 4)).isEqualTo(5);
        assertThat(plic.read(0x20_1000, 4)).isEqualTo(2);
        plic.source(10).set(true);
        assertThat(seip.isHigh()).isFalse();
        plic.write(0x20_1004, 4, 10);
        assertThat(seip.isHigh()).isTrue();
        assertThat(meip.isHigh()).isFalse();
    }

    @Test
    void uartWithFiveBytesInItsFifo() throws Exception {
        ManualClock clock = new ManualClock(0);
        Wire irq = new Wire();
        Uart16550 uart = new Uart16550(irq, new RecordingChardev(), clock);
        takesAndReturns(uart, "serial");
        assertThat(uart.read(7, 1)).isEqualTo(0x5a);
        assertThat(uart.read(2, 1)).as("transmitter empty").isEqualTo(0xc2);
        assertThat(irq.isHigh()).isFalse();
        clock.advance(10_000_000);
        assertThat(uart.read(2, 1)).as("time-out").isEqualTo(0xcc);
        StringBuilder text = new StringBuilder();
        while ((uart.read(5, 1) & 1) != 0) {
            text.append((char) uart.read(0, 1));
        }
        assertThat(text.toString()).isEqualTo("world");
    }

    @Test
    void rtcWithAnAlarm() throws Exception {
        ManualClock clock = new ManualClock(0);
        // Makes the offset that only old versions read come out as it did there.
        GoldfishRtc rtc = new GoldfishRtc(new Wire(), () -> 0x1da5_0128L + clock.now(), clock);
        takesAndReturns(rtc, "goldfish_rtc");
        assertThat(rtc.read(0x08, 4)).isEqualTo(0x1234_5678);
        assertThat(rtc.read(0x0c, 4)).isEqualTo(0x2000_0000);
        assertThat(rtc.read(0x18, 4)).isEqualTo(1);
    }

    @Test
    void virtioRngOfVersionTwo() throws Exception {
        try (TestRam ram = new TestRam(1 << 20)) {
            VirtioMmio rng = new VirtioMmio(
                    0x1000_8000L, false, new Wire(), ram.memory(), new VirtioRng(() -> 0, new ManualClock(0)));
            takesAndReturns(rng, "virtio-rng");
            assertThat(rng.read(0x70, 4)).isEqualTo(0xf);
            assertThat(rng.read(0x44, 4)).isEqualTo(1);
        }
    }
}
