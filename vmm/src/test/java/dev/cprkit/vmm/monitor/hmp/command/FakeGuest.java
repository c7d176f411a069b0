package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.cpu.riscv.Disassembler;
import dev.cprkit.vmm.device.TestRam;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.monitor.GuestInspection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** A guest of one vCPU whose virtual address 0x40000000 is RAM's first page; a device whose register n holds 0x10 + n. */
final class FakeGuest implements GuestInspection, AutoCloseable {
    static final long DEVICE = 0x1000_0000L;
    private static final long MAPPED = 0x4000_0000L;

    private final TestRam ram = new TestRam(0x2000);

    FakeGuest() {
        ram.memory().addMmio(DEVICE, 0x100, "riscv.sifive.test", new MmioRegion() {
            @Override
            public long read(long offset, int size) {
                long value = 0;
                for (int i = 0; i < size; i++) {
                    value |= (0x10 + offset + i) << 8 * i;
                }
                return value;
            }

            @Override
            public void write(long offset, int size, long value) {}
        });
    }

    void put(long address, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            ram.memory().write(address + i, new byte[] {(byte) bytes[i]}, 0, 1);
        }
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public <T> T standing(Supplier<T> action) {
        return action.get();
    }

    @Override
    public List<String> registers(int cpu) {
        return List.of(" pc            0000000000001000");
    }

    @Override
    public OptionalLong register(int cpu, String name) {
        return name.equals("pc") ? OptionalLong.of(TestRam.START) : OptionalLong.empty();
    }

    @Override
    public OptionalLong translate(int cpu, long virtual) {
        return (virtual & -4096) == MAPPED
                ? OptionalLong.of(virtual - MAPPED + TestRam.START)
                : virtual >= TestRam.START ? OptionalLong.of(virtual) : OptionalLong.empty();
    }

    @Override
    public List<String> mappings(int cpu) {
        return List.of("No translation or protection");
    }

    @Override
    public String instruction(int bits, int length, long address) {
        return Disassembler.text(bits, length, address);
    }

    @Override
    public List<String> decodedCode() {
        return List.of("TB count            0");
    }

    @Override
    public GuestMemory memory() {
        return ram.memory();
    }

    @Override
    public List<LoadedImage> images() {
        return List.of(
                new LoadedImage(TestRam.START, 0x43d68, false, "/fw.bin"),
                new LoadedImage(TestRam.ROM, 0x28, true, "mrom.reset"));
    }

    @Override
    public byte[] deviceTree() {
        return new byte[] {(byte) 0xd0, 0x0d, (byte) 0xfe, (byte) 0xed};
    }

    @Override
    public void close() {
        ram.close();
    }
}
