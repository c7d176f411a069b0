package dev.cprkit.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cprkit.vmm.device.aclint.Mswi;
import dev.cprkit.vmm.device.aclint.Mtimer;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.device.uart.Uart16550;
import dev.cprkit.vmm.device.virtio.VirtioMmio;
import dev.cprkit.vmm.device.virtio.rng.VirtioRng;
import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that does anything at all to a device cannot break it, and whatever state it is then in can travel. */
class DeviceFuzzTest {
    private static final int ROUNDS = 40;
    private static final int ACCESSES = 2_000;

    private final TestRam ram = new TestRam(1 << 20);

    @AfterEach
    void free() {
        ram.close();
    }

    /** Everything of a machine that a device can be connected to, but for the device. */
    private record Surroundings(TestRam ram, Wire wire, ManualClock clock, RecordingChardev chardev) {}

    /** A device, with the size of its registers and the step between registers that are worth trying. */
    enum Kind {
        PLIC(0x20_2010, 4),
        MTIMER((int) Mtimer.SIZE, 4),
        MSWI(16, 4),
        RTC((int) GoldfishRtc.SIZE, 4),
        UART((int) Uart16550.SIZE, 1),
        WATCHDOG(0xf08, 4),
        VIRTIO_1(0x110, 4),
        VIRTIO_2(0x110, 4);

        private final int size;
        private final int step;

        Kind(int size, int step) {
            this.size = size;
            this.step = step;
        }
    }

    private static Device make(Kind kind, Surroundings s) {
        return switch (kind) {
            case PLIC -> new Plic(Plic.SOURCES, List.of(s.wire, s.wire));
            case MTIMER -> new Mtimer(s.clock, List.of(s.wire));
            case MSWI -> new Mswi(List.of(s.wire, s.wire));
            case RTC -> new GoldfishRtc(s.wire, s.clock::now, s.clock);
            case UART -> new Uart16550(s.wire, s.chardev, s.clock);
            case WATCHDOG -> new CmsdkWatchdog(s.wire, s.clock, () -> {});
            case VIRTIO_1 -> virtio(s, true);
            case VIRTIO_2 -> virtio(s, false);
        };
    }

    private static VirtioMmio virtio(Surroundings s, boolean legacy) {
        return new VirtioMmio(0x1000_8000L, legacy, s.wire, s.ram.memory(), new VirtioRng(() -> 1, s.clock, 999, 1));
    }

    @ParameterizedTest
    @EnumSource
    void anyAccessIsSafeAndAnyStateTravels(Kind kind) throws Exception {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            Random random = new Random(seed);
            long start = 1_795_000_000_000_000_000L / (1 + random.nextInt(1000));
            Surroundings here = new Surroundings(ram, new Wire(), new ManualClock(start), new RecordingChardev());
            Device device = make(kind, here);
            assertThatCode(() -> abuse(kind, device, here, random))
                    .as("%s, seed %d", kind, seed)
                    .doesNotThrowAnyException();

            byte[] state = Travel.save(device);
            assertThat(Travel.save(device)).as("a save changes nothing").isEqualTo(state);
            Surroundings there =
                    new Surroundings(ram, new Wire(), new ManualClock(here.clock.now()), new RecordingChardev());
            Device other = make(kind, there);
            Travel.load(other, state);
            assertThat(Travel.save(other)).as("%s, seed %d", kind, seed).isEqualTo(state);
            if (kind != Kind.PLIC && kind != Kind.MSWI) {
                assertThat(there.wire.isHigh()).as("%s, seed %d", kind, seed).isEqualTo(here.wire.isHigh());
            }
        }
    }

    private void abuse(Kind kind, Device device, Surroundings around, Random random) {
        MmioRegion registers = (MmioRegion) device;
        for (int i = 0; i < ACCESSES; i++) {
            long offset = offset(kind, random);
            int size = random.nextInt(10) == 0 ? 1 << random.nextInt(4) : Math.max(kind.step, 1);
            if (random.nextBoolean()) {
                registers.read(offset, size);
            } else {
                registers.write(offset, size, value(random));
            }
            switch (random.nextInt(20)) {
                case 0 -> around.clock.advance(random.nextInt(1_000_000));
                case 1 -> around.chardev.type("x");
                case 2 -> scribble(random);
                default -> {}
            }
        }
        if (kind == Kind.RTC) {
            // Half an alarm is not one yet: it counts, and travels, from the writing of its low half on.
            registers.write(0x08, 4, value(random));
        }
    }

    private static long offset(Kind kind, Random random) {
        if (kind == Kind.WATCHDOG && random.nextInt(20) != 0) {
            return random.nextInt(6) * 4L; // between them and the lock there is nothing
        }
        int span = kind == Kind.PLIC && random.nextBoolean() ? 0x200 : kind.size;
        int base = kind == Kind.PLIC && random.nextInt(3) == 0 ? 0x2000 : 0;
        return base + (long) random.nextInt(span / kind.step) * kind.step;
    }

    /** Small numbers, addresses in RAM, single bits, anything. */
    private static long value(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(16);
            case 1 -> TestRam.START + random.nextInt(1 << 20) >> (random.nextBoolean() ? 12 : 0);
            case 2 -> 1L << random.nextInt(64);
            default -> random.nextLong();
        };
    }

    /** The guest writes its own memory while the device reads it. */
    private void scribble(Random random) {
        for (int i = 0; i < 64; i++) {
            long address = TestRam.START + (random.nextInt(1 << 20) & ~7);
            HostMemory.putLong(ram.host(address), random.nextBoolean() ? value(random) : random.nextInt(8));
        }
    }
}
