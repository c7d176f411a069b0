package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.cpu.riscv.sbi.Sbi;
import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.device.aclint.Mswi;
import dev.cprkit.vmm.device.aclint.Mtimer;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.device.rtc.GoldfishRtc;
import dev.cprkit.vmm.device.rtc.WallClock;
import dev.cprkit.vmm.device.syscon.PowerControl;
import dev.cprkit.vmm.device.syscon.TestFinisher;
import dev.cprkit.vmm.device.uart.Uart16550;
import dev.cprkit.vmm.device.virtio.EmptySlot;
import dev.cprkit.vmm.device.virtio.VirtioDevice;
import dev.cprkit.vmm.device.virtio.VirtioMmio;
import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.boot.ResetVector;
import dev.cprkit.vmm.machine.config.Firmware;
import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.GuestInspection.LoadedImage;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.state.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * QEMU's riscv64 {@code virt} machine: where everything is, and which wire goes where.
 *
 * <pre>
 *   address      size         what                        interrupt
 *   0x00001000   0xf000       ROM: the reset vector
 *   0x00100000   0x1000       test finisher, syscon
 *   0x00101000   0x1000       goldfish RTC                11
 *   0x02000000   0x4000       ACLINT MSWI                 machine software
 *   0x02004000   0x8000       ACLINT MTIMER, 10 MHz       machine timer
 *   0x04000000   0x1000       watchdog, if asked for      64
 *   0x0c000000   0x600000     PLIC, 95 sources            machine and supervisor external
 *   0x10000000   0x100        16550A UART                 10
 *   0x10001000   8 * 0x1000   virtio-mmio                 1 to 8
 *   0x80000000   -m           RAM
 * </pre>
 */
public final class VirtBoard implements Board {
    static final long RAM = 0x8000_0000L;
    static final long ROM_SIZE = ResetVector.SIZE;
    static final long TIMEBASE_HZ = 10_000_000;
    static final int VIRTIO_SLOTS = 8;
    static final int VIRTIO_IRQ = 1;
    static final int UART_IRQ = 10;
    static final int RTC_IRQ = 11;

    private static final long TEST = 0x10_0000L;
    private static final long RTC = 0x10_1000L;
    private static final long REGISTER_PAGE = 0x1000L;
    private static final long MSWI = 0x200_0000L;
    private static final long MSWI_SIZE = 0x4000L;
    private static final long MTIMER = 0x200_4000L;
    private static final long MTIMER_SIZE = 0x8000L;
    private static final long PLIC = 0xc00_0000L;
    private static final long PLIC_SIZE = 0x60_0000L;
    private static final int PLIC_SOURCES = 96;
    private static final long UART = 0x1000_0000L;
    private static final long UART_SIZE = 0x100L;
    private static final long VIRTIO = 0x1000_1000L;

    private static final int MACHINE_SOFTWARE = 3;
    private static final int MACHINE_TIMER = 7;
    private static final int SUPERVISOR_EXTERNAL = 9;
    private static final int MACHINE_EXTERNAL = 11;

    /** What the board is made of and connected to. */
    public record Parts(
            MachineLock lock,
            Clock clock,
            GuestMemory memory,
            RamBlock ram,
            RamBlock rom,
            Chardev serial,
            Map<Integer, VirtioDevice> virtio,
            boolean virtioLegacy,
            boolean watchdog,
            Firmware firmware) {}

    private final GuestMemory memory;
    private final RamBlock ram;
    private final RamBlock rom;
    private final RiscvHart hart;
    private final Plic plic;
    private final Uart16550 uart;
    private final List<Device> devices = new ArrayList<>();
    private final GuestPower power = new GuestPower();
    private final BoardLoader loader;
    private final boolean canSuspend;
    private boolean wakePending;
    private volatile Runnable wake = () -> {};

    /** Lays the board out. {@code loader} fills its memory at each reset. */
    public VirtBoard(Parts parts, BoardLoader loader) {
        this.memory = parts.memory();
        this.ram = parts.ram();
        this.rom = parts.rom();
        this.loader = loader;
        this.canSuspend = parts.firmware() instanceof Firmware.BuiltIn;
        memory.addRam(RAM, ram);
        memory.addRom(ResetVector.BASE, rom);

        HartWires wires = new HartWires();
        Mtimer mtimer = new Mtimer(parts.clock(), List.of(wires.line(MACHINE_TIMER)));
        this.hart = makeHart(parts, mtimer);
        wires.connect(hart);

        Mswi mswi = new Mswi(List.of(wires.line(MACHINE_SOFTWARE)));
        this.plic = new Plic(PLIC_SOURCES, List.of(wires.line(MACHINE_EXTERNAL), wires.line(SUPERVISOR_EXTERNAL)));
        TestFinisher test = new TestFinisher(power);
        GoldfishRtc rtc = new GoldfishRtc(waking(plic.source(RTC_IRQ)), WallClock.host(), parts.clock());
        this.uart = new Uart16550(plic.source(UART_IRQ), parts.serial(), parts.clock());

        memory.addMmio(TEST, REGISTER_PAGE, "riscv.sifive.test", test);
        memory.addMmio(RTC, REGISTER_PAGE, "goldfish_rtc", rtc);
        memory.addMmio(MSWI, MSWI_SIZE, "riscv.aclint.swi", mswi);
        memory.addMmio(MTIMER, MTIMER_SIZE, "riscv.aclint.mtimer", mtimer);
        memory.addMmio(PLIC, PLIC_SIZE, "riscv.sifive.plic", plic);
        memory.addMmio(UART, UART_SIZE, "serial", uart);
        devices.addAll(List.of(plic, mtimer, mswi, test, rtc, uart));
        if (parts.watchdog()) {
            CmsdkWatchdog watchdog =
                    new CmsdkWatchdog(plic.source(CmsdkWatchdog.IRQ), parts.clock(), power::watchdogExpired);
            memory.addMmio(CmsdkWatchdog.BASE, CmsdkWatchdog.SIZE, CmsdkWatchdog.MODEL, watchdog);
            devices.add(watchdog);
        }
        for (int slot = 0; slot < VIRTIO_SLOTS; slot++) {
            addVirtio(slot, parts.virtioLegacy(), parts.virtio().get(slot));
        }
    }

    private RiscvHart makeHart(Parts parts, Mtimer mtimer) {
        HartAlarm alarm = new HartAlarm(parts.lock(), parts.clock(), mtimer);
        RiscvHart made = new RiscvHart(0, memory, parts.lock(), mtimer::mtime, alarm, () -> wake.run());
        alarm.connect(made::timerExpired);
        if (parts.firmware() instanceof Firmware.BuiltIn) {
            made.setSupervisorCalls(new Sbi(memory, parts.lock(), new SbiPower(power), new SbiConsole(parts.serial())));
        }
        return made;
    }

    /** A wire that wakes a sleeping machine when it rises. */
    private IrqLine waking(IrqLine line) {
        return level -> {
            line.set(level);
            wakePending = level;
            if (level) {
                power.wakeUp();
            }
        };
    }

    private void addVirtio(int slot, boolean legacy, VirtioDevice device) {
        long address = virtioAddress(slot);
        if (device == null) {
            memory.addMmio(address, VirtioMmio.SIZE, "virtio-mmio", new EmptySlot(legacy));
        } else {
            IrqLine irq = plic.source(VIRTIO_IRQ + slot);
            VirtioMmio transport = new VirtioMmio(address, legacy, irq, memory, device);
            memory.addMmio(address, VirtioMmio.SIZE, "virtio-mmio", transport);
            devices.add(transport);
        }
    }

    static long virtioAddress(int slot) {
        return VIRTIO + slot * REGISTER_PAGE;
    }

    @Override
    public String machineType() {
        return "virt";
    }

    @Override
    public Vcpu vcpu() {
        return hart;
    }

    @Override
    public void onWake(Runnable next) {
        wake = next;
    }

    @Override
    public List<Section<?>> vcpuSections() {
        return List.of(hart.section());
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    @Override
    public List<RamBlock> ramBlocks() {
        return List.of(ram, rom);
    }

    @Override
    public long guestAddress(RamBlock block) {
        return block == ram ? RAM : ResetVector.BASE;
    }

    @Override
    public DirtyLog dirtyLog() {
        return memory.dirtyLog();
    }

    @Override
    public void holdInput(boolean hold) {
        uart.holdInput(hold);
    }

    @Override
    public void resetVcpu(boolean load) throws BootException {
        hart.reset(ResetVector.BASE);
        if (load) {
            loader.load(memory, plic, hart);
        }
    }

    @Override
    public boolean canSuspend() {
        return canSuspend;
    }

    @Override
    public boolean wakePending() {
        return wakePending;
    }

    @Override
    public void wakeVcpu() {
        hart.start();
    }

    /** The one hart, for who looks at it while it stands still. */
    RiscvHart hart() {
        return hart;
    }

    /** The interrupt controller's wires. */
    IrqWires irqWires() {
        return plic;
    }

    /** The physical address space. */
    GuestMemory memory() {
        return memory;
    }

    /** What is put into memory at each reset. */
    List<LoadedImage> images() {
        return loader.images(plic);
    }

    /** The flattened device tree as a guest would find it. */
    byte[] deviceTree() {
        return loader.deviceTree(plic);
    }

    @Override
    public void power(PowerControl control) {
        power.connect(control);
    }
}
