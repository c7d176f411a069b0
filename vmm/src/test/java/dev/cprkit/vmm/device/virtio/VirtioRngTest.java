package dev.cprkit.vmm.device.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.device.ManualClock;
import dev.cprkit.vmm.device.TestRam;
import dev.cprkit.vmm.device.Travel;
import dev.cprkit.vmm.device.Wire;
import dev.cprkit.vmm.device.virtio.rng.HostEntropy;
import dev.cprkit.vmm.device.virtio.rng.VirtioRng;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.state.StateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtioRngTest {
    private static final long ADDRESS = 0x1000_8000L;
    private static final long BUFFER = TestRam.START + 0x20000;
    private static final long VERSION_1 = 1L << 32;
    private static final long EVENT_INDEX = 1L << 29;
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final int NEEDS_RESET = 0x40;

    private final TestRam ram = new TestRam(1 << 20);
    private final Wire irq = new Wire();
    private final ManualClock clock = new ManualClock(0);

    /** Every byte is 1, so that what was written and what was not can be told apart. */
    private static final RandomGenerator ALL_ONES = () -> ONES;

    @AfterEach
    void free() {
        ram.close();
    }

    private TestDriver driver(boolean legacy) {
        return driver(legacy, new VirtioRng(ALL_ONES, clock), irq);
    }

    private TestDriver driver(boolean legacy, VirtioRng rng, Wire wire) {
        return new TestDriver(new VirtioMmio(ADDRESS, legacy, wire, ram.memory(), rng), ram);
    }

    private TestDriver started(boolean legacy) {
        TestDriver driver = driver(legacy);
        driver.start(legacy ? 0 : VERSION_1);
        return driver;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void identifiesItself(boolean legacy) {
        TestDriver driver = driver(legacy);
        assertThat(driver.read(VirtioRegisters.MAGIC)).isEqualTo(0x74726976);
        assertThat(driver.read(VirtioRegisters.VERSION)).isEqualTo(legacy ? 1 : 2);
        assertThat(driver.read(VirtioRegisters.DEVICE_ID)).isEqualTo(4);
        assertThat(driver.read(VirtioRegisters.VENDOR_ID)).isEqualTo(0x554d4551);
        assertThat(driver.read(VirtioRegisters.QUEUE_NUM_MAX)).isEqualTo(8);
        assertThat(driver.read(VirtioRegisters.DEVICE_FEATURES)).isEqualTo(legacy ? 0x3900_0000 : 0x3000_0000);
        driver.write(VirtioRegisters.DEVICE_FEATURES_SEL, 1);
        assertThat(driver.read(VirtioRegisters.DEVICE_FEATURES)).isEqualTo(legacy ? 0 : 1);
        driver.write(VirtioRegisters.QUEUE_SEL, 1);
        assertThat(driver.read(VirtioRegisters.QUEUE_NUM_MAX)).isZero();
        assertThat(driver.read(0x100)).isZero();
    }

    @Test
    void anEmptySlotIsDeviceZero() {
        EmptySlot slot = new EmptySlot(true);
        assertThat(slot.read(VirtioRegisters.MAGIC, 4)).isEqualTo(0x74726976);
        assertThat(slot.read(VirtioRegisters.VERSION, 4)).isEqualTo(1);
        assertThat(slot.read(VirtioRegisters.DEVICE_ID, 4)).isZero();
        assertThat(slot.read(VirtioRegisters.STATUS, 4)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fillsABufferAndInterrupts(boolean legacy) {
        TestDriver driver = started(legacy);
        driver.descriptor(3, BUFFER, 60, TestDriver.WRITE, 0);
        driver.offer(3);
        driver.kick();
        assertThat(driver.usedIndex()).isEqualTo(1);
        assertThat(driver.usedId(0)).isEqualTo(3);
        assertThat(driver.usedLength(0)).isEqualTo(60);
        assertThat(ram.u64(BUFFER + 48)).isEqualTo(ONES);
        assertThat(ram.u32(BUFFER + 60)).as("behind the buffer").isZero();
        assertThat(irq.isHigh()).isTrue();
        assertThat(driver.read(VirtioRegisters.INTERRUPT_STATUS)).isEqualTo(1);
        driver.write(VirtioRegisters.INTERRUPT_ACK, 1);
        assertThat(irq.isHigh()).isFalse();
    }

    @Test
    void walksChainsAndIndirectTables() {
        TestDriver driver = started(true);
        driver.descriptor(0, BUFFER, 16, TestDriver.NEXT, 1);
        driver.descriptor(1, BUFFER + 16, 16, TestDriver.WRITE | TestDriver.NEXT, 2);
        driver.descriptor(2, BUFFER + 64, 16, TestDriver.WRITE, 0);
        driver.offer(0);
        long table = TestRam.START + 0x30000;
        driver.descriptor(table, 0, BUFFER + 128, 8, TestDriver.WRITE | TestDriver.NEXT, 2);
        driver.descriptor(table, 2, BUFFER + 256, 8, TestDriver.WRITE, 0);
        driver.descriptor(5, table, 48, TestDriver.INDIRECT, 0);
        driver.offer(5);
        driver.kick();
        assertThat(driver.usedIndex()).isEqualTo(2);
        assertThat(driver.usedLength(0)).isEqualTo(32);
        assertThat(driver.usedLength(1)).isEqualTo(16);
        assertThat(ram.u64(BUFFER)).as("a buffer to read").isZero();
        assertThat(ram.u64(BUFFER + 16)).isEqualTo(ONES);
        assertThat(ram.u64(BUFFER + 64)).isEqualTo(ONES);
        assertThat(ram.u64(BUFFER + 128)).isEqualTo(ONES);
        assertThat(ram.u64(BUFFER + 256)).isEqualTo(ONES);
        assertThat(driver.usedId(1)).isEqualTo(5);
    }

    @Test
    void ringsWrapAround() {
        TestDriver driver = started(true);
        for (int i = 0; i < 70_000; i++) {
            driver.descriptor(i % 8, BUFFER, 1, TestDriver.WRITE, 0);
            driver.offer(i % 8);
            driver.kick();
        }
        assertThat(driver.usedIndex()).isEqualTo(70_000 & 0xffff);
        assertThat(driver.status() & NEEDS_RESET).isZero();
    }

    @Test
    void waitsForDriverOk() {
        TestDriver driver = driver(false);
        driver.start(VERSION_1);
        driver.write(VirtioRegisters.STATUS, 0);
        driver.write(VirtioRegisters.DRIVER_FEATURES_SEL, 1);
        driver.write(VirtioRegisters.DRIVER_FEATURES, 1);
        driver.write(VirtioRegisters.STATUS, 0xb);
        driver.write(VirtioRegisters.QUEUE_DESC_LOW, TestDriver.DESCRIPTORS);
        driver.write(VirtioRegisters.QUEUE_DRIVER_LOW, TestDriver.AVAILABLE);
        driver.write(VirtioRegisters.QUEUE_DEVICE_LOW, TestDriver.USED);
        driver.write(VirtioRegisters.QUEUE_READY, 1);
        assertThat(driver.read(VirtioRegisters.QUEUE_READY)).isEqualTo(1);
        driver.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        driver.offer(0);
        driver.kick();
        assertThat(driver.usedIndex()).isZero();
        driver.write(VirtioRegisters.STATUS, 0xf);
        assertThat(driver.usedIndex()).isEqualTo(1);
    }

    @Test
    void versionTwoNeedsADriverThatKnowsIt() {
        TestDriver driver = driver(false);
        driver.write(VirtioRegisters.STATUS, 0xb);
        assertThat(driver.status() & 8).isZero();
        driver.write(VirtioRegisters.DRIVER_FEATURES_SEL, 1);
        driver.write(VirtioRegisters.DRIVER_FEATURES, 1);
        driver.write(VirtioRegisters.STATUS, 0xb);
        assertThat(driver.status() & 8).isEqualTo(8);
    }

    @Test
    void aDriverMayAskNotToBeInterrupted() {
        TestDriver driver = started(true);
        HostMemory.putShort(ram.host(TestDriver.AVAILABLE), (short) 1);
        driver.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        driver.offer(0);
        driver.kick();
        assertThat(driver.usedIndex()).isEqualTo(1);
        assertThat(irq.isHigh()).isFalse();
    }

    @Test
    void withEventIndexesTheDriverNamesTheEntryItWaitsFor() {
        TestDriver driver = driver(true);
        driver.start(EVENT_INDEX);
        long usedEvent = ram.host(TestDriver.AVAILABLE + 4 + 2 * TestDriver.SIZE);
        driver.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        driver.offer(0);
        driver.kick();
        assertThat(irq.rises()).as("the first is always told").isEqualTo(1);
        driver.write(VirtioRegisters.INTERRUPT_ACK, 1);
        HostMemory.putShort(usedEvent, (short) 2);
        driver.offer(0);
        driver.kick();
        assertThat(irq.isHigh()).isFalse();
        driver.offer(0);
        driver.kick();
        assertThat(irq.isHigh()).isTrue();
        assertThat(ram.u16(TestDriver.USED + 4 + 8 * TestDriver.SIZE))
                .as("the device names the chain it waits for")
                .isEqualTo(3);
    }

    @Test
    void mistakesInTheQueueNeedAResetAndNothingElse() {
        long outside = 0x4000_0000L;
        mistake(d -> d.descriptor(0, outside, 8, TestDriver.WRITE, 0), "buffer outside of RAM");
        mistake(d -> d.descriptor(0, TestRam.ROM, 8, TestDriver.WRITE, 0), "buffer in ROM");
        mistake(d -> d.descriptor(0, TestRam.START + (1 << 20) - 4, 8, TestDriver.WRITE, 0), "buffer beyond RAM");
        mistake(d -> d.descriptor(0, -4L, 8, TestDriver.WRITE, 0), "buffer around the end of addresses");
        mistake(d -> d.descriptor(0, BUFFER, 0, TestDriver.WRITE, 0), "empty buffer");
        mistake(d -> d.descriptor(0, BUFFER, 8, TestDriver.WRITE | TestDriver.NEXT, 0), "loop");
        mistake(d -> d.descriptor(0, BUFFER, 8, TestDriver.WRITE | TestDriver.NEXT, 9), "next beyond the table");
        mistake(d -> d.descriptor(0, BUFFER, 8, TestDriver.INDIRECT, 0), "half an indirect descriptor");
        mistake(d -> d.descriptor(0, outside, 16, TestDriver.INDIRECT, 0), "indirect table outside of RAM");
        mistake(
                d -> {
                    d.descriptor(0, BUFFER, 16, TestDriver.INDIRECT, 0);
                    d.descriptor(BUFFER, 0, BUFFER, 16, TestDriver.INDIRECT, 0);
                },
                "indirect table in an indirect table");
        mistake(
                d -> {
                    d.descriptor(0, BUFFER, 8, TestDriver.WRITE | TestDriver.NEXT, 1);
                    d.descriptor(1, BUFFER, 8, 0, 0);
                },
                "read after write");
        mistake(d -> d.offer(8), "head beyond the table");
        mistake(
                d -> HostMemory.putShort(ram.host(TestDriver.AVAILABLE + 2), (short) 100),
                "more available than the ring holds");
        mistake(d -> d.write(VirtioRegisters.QUEUE_PFN, outside >> 12), "queue outside of RAM");
    }

    private interface Step {
        void run(TestDriver driver);
    }

    private void mistake(Step step, String name) {
        HostMemory.putLong(ram.host(TestDriver.AVAILABLE), 0);
        HostMemory.putLong(ram.host(TestDriver.USED), 0);
        TestDriver driver = started(true);
        step.run(driver);
        driver.offer(0);
        driver.kick();
        assertThat(driver.status() & NEEDS_RESET).as(name).isEqualTo(NEEDS_RESET);
        assertThat(driver.read(VirtioRegisters.INTERRUPT_STATUS)).as(name).isEqualTo(2);
        int before = driver.usedIndex();
        driver.kick();
        assertThat(driver.usedIndex()).as(name).isEqualTo(before);
        assertThat(irq.isHigh()).isTrue();

        HostMemory.putLong(ram.host(TestDriver.AVAILABLE), 0);
        HostMemory.putLong(ram.host(TestDriver.USED), 0);
        driver.start(0);
        assertThat(irq.isHigh()).as(name).isFalse();
        driver.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        driver.offer(0);
        driver.kick();
        assertThat(driver.usedIndex()).as(name).isEqualTo(1);
        driver.write(VirtioRegisters.STATUS, 0);
    }

    @Test
    void quotaIsGivenOutPeriodByPeriod() {
        TestDriver driver = driver(true, new VirtioRng(ALL_ONES, clock, 100, 50), irq);
        driver.start(0);
        for (int i = 0; i < 3; i++) {
            driver.descriptor(i, BUFFER, 80, TestDriver.WRITE, 0);
            driver.offer(i);
        }
        driver.kick();
        assertThat(driver.usedIndex()).isEqualTo(2);
        assertThat(driver.usedLength(1)).isEqualTo(20);
        clock.advance(50_000_000L - 1);
        assertThat(driver.usedIndex()).isEqualTo(2);
        clock.advance(1);
        assertThat(driver.usedIndex()).isEqualTo(3);
        assertThat(driver.usedLength(2)).isEqualTo(80);
    }

    @Test
    void aSourceThatFailsIsTheDevicesFailure() {
        RandomGenerator failing = () -> {
            throw new UncheckedIOException(new IOException("gone"));
        };
        TestDriver driver = driver(true, new VirtioRng(failing, clock), irq);
        driver.start(0);
        driver.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        driver.offer(0);
        driver.kick();
        assertThat(driver.status() & NEEDS_RESET).isEqualTo(NEEDS_RESET);
    }

    @Test
    void hostEntropyIsNotConstant() throws Exception {
        try (HostEntropy entropy = new HostEntropy(HostEntropy.DEFAULT)) {
            assertThat(entropy.nextLong()).isNotEqualTo(entropy.nextLong());
        }
        assertThatThrownBy(() -> new HostEntropy(Path.of("/nonexistent/source")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nonexistent/source");
    }

    /** The payload of section {@code virtio-mmio@0000000010008000/virtio-rng} that QEMU 11.1 writes for a fresh device. */
    @Test
    void aFreshDeviceTravelsAsQemusDoes() throws Exception {
        TestDriver driver = driver(true);
        assertThat(driver.device.sections().getFirst().idstr()).isEqualTo("virtio-mmio@0000000010008000/virtio-rng");
        assertThat(Travel.save(driver.device))
                .isEqualTo(HexFormat.of()
                        .parseHex("0000000000000000000000000000000000000000" + "00000000" + "00000001"
                                + "00000008000010000000000000000000" + "0000" + "0515"
                                + HexFormat.of().formatHex("virtio/64bit_features".getBytes(StandardCharsets.US_ASCII))
                                + "00000001" + "0000000000000000"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void travelsBetweenTwoRequests(boolean legacy) throws Exception {
        TestDriver here = driver(legacy);
        here.start(EVENT_INDEX | (legacy ? 0 : VERSION_1));
        here.descriptor(0, BUFFER, 8, TestDriver.WRITE, 0);
        here.offer(0);
        here.kick();
        byte[] state = Travel.save(here.device);

        Wire wire = new Wire();
        TestDriver there = driver(legacy, new VirtioRng(ALL_ONES, clock), wire);
        Travel.load(there.device, state);
        assertThat(wire.isHigh()).isTrue();
        assertThat(there.status()).isEqualTo(here.status());
        there.write(VirtioRegisters.INTERRUPT_ACK, 1);
        HostMemory.putLong(ram.host(BUFFER), 0);
        there.offer(0);
        there.kick();
        assertThat(there.usedIndex()).isEqualTo(2);
        assertThat(ram.u64(BUFFER)).isEqualTo(ONES);
        assertThat(wire.isHigh()).isTrue();
        assertThat(Travel.save(there.device)).hasSameSizeAs(state);
    }

    @Test
    void aQueueThatCannotBeIsRefused() throws Exception {
        TestDriver here = started(true);
        byte[] state = Travel.save(here.device);
        state[28 + 2] = 1; // 65544 entries
        TestDriver there = driver(true);
        assertThatThrownBy(() -> Travel.load(there.device, state))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("entries");
    }
}
