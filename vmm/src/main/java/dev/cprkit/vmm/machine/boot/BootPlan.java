package dev.cprkit.vmm.machine.boot;

import dev.cprkit.vmm.machine.config.Firmware.BuiltIn;
import dev.cprkit.vmm.machine.config.Firmware.File;
import dev.cprkit.vmm.machine.config.Firmware.None;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection.LoadedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where everything goes in RAM before the first instruction, worked out before a byte is written. The places are those
 * of QEMU's riscv64 {@code virt} board:
 *
 * <ul>
 *   <li>firmware at the start of RAM, or where its ELF file says;
 *   <li>the kernel at the next 2 MiB boundary behind the firmware, or as far from the start of RAM as its header asks if
 *       that is further; without firmware at the start of RAM; an ELF file where it says;
 *   <li>the initrd half of RAM, at most 512 MiB, behind the kernel's start;
 *   <li>the device tree at the last 2 MiB boundary that leaves room for it.
 * </ul>
 *
 * <p>{@link #prepare} touches no guest memory, so it can be called for a machine whose RAM another process owns; the
 * machine's start and every reset call {@link #load}. Not thread-safe. {@link #close} gives the files back.
 */
public final class BootPlan implements AutoCloseable {
    private static final long ALIGNMENT = 2 << 20;
    private static final long MAX_INITRD_DISTANCE = 512L << 20;
    private static final int ZEROS = 64 << 10;

    /** Where a kernel's first instruction would be if the emulator's own SBI were firmware in RAM. */
    private static final long BUILT_IN_KERNEL_OFFSET = 2 << 20;

    /** A range of guest memory: {@code end} is the address after the last byte. */
    public record Place(long start, long end) {}

    private final BootRequest request;
    private final List<ImageFile> files = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private long start;
    private long kernelEntry;
    private long kernelStart;
    private long highest;
    private Optional<Place> initrd = Optional.empty();

    private BootPlan(BootRequest request) {
        this.request = request;
        this.start = request.ramStart();
        this.highest = request.ramStart();
    }

    /**
     * Opens the files, reads their headers and finds each a place.
     *
     * @throws BootException if a file is missing, is not what it should be, or does not fit
     */
    public static BootPlan prepare(BootRequest request) throws BootException {
        BootPlan plan = new BootPlan(request);
        boolean done = false;
        try {
            plan.placeFirmware();
            if (request.kernel().isPresent()) {
                plan.placeKernel(request.kernel().get());
            }
            if (request.initrd().isPresent()) {
                plan.placeInitrd(request.initrd().get());
            }
            done = true;
            return plan;
        } finally {
            if (!done) {
                plan.close();
            }
        }
    }

    private void placeFirmware() throws BootException {
        if (request.firmware() instanceof File(Path path)) {
            ImageFile file = open("firmware", path);
            if (Elf64.matches(file.read(0, 4))) {
                Elf64 elf = Elf64.parse(file);
                elf.segments().forEach(this::keep);
                start = elf.entry();
            } else {
                keep(new Segment(file, 0, file.size(), request.ramStart(), file.size(), false));
            }
            check(file);
        }
    }

    private void placeKernel(Path path) throws BootException {
        ImageFile file = open("kernel", path);
        if (Elf64.matches(file.read(0, 4))) {
            Elf64 elf = Elf64.parse(file);
            kernelStart = Long.MAX_VALUE;
            for (Segment segment : elf.segments()) {
                keep(segment);
                kernelStart = Math.min(kernelStart, segment.address());
            }
            kernelEntry = elf.entry();
        } else {
            FlatImage image = FlatImage.parse(file);
            kernelStart = flatKernelStart(image);
            keep(new Segment(file, 0, file.size(), kernelStart, image.imageSize(), false));
            kernelEntry = kernelStart;
        }
        check(file);
        start = switch (request.firmware()) {
            case BuiltIn b -> kernelEntry;
            case None n -> kernelEntry;
            case File f -> start;
        };
    }

    private long flatKernelStart(FlatImage image) {
        long ram = request.ramStart();
        return switch (request.firmware()) {
            case None n -> ram;
            case BuiltIn b -> ram + (image.textOffset() >= 0 ? image.textOffset() : BUILT_IN_KERNEL_OFFSET);
            case File f -> Math.max(alignUp(highest), ram + Math.max(0, image.textOffset()));
        };
    }

    private void placeInitrd(Path path) throws BootException {
        ImageFile file = open("initrd", path);
        long distance = Math.min(request.ramSize() / 2, MAX_INITRD_DISTANCE);
        long from = kernelEntry == 0 ? request.ramStart() : kernelStart;
        long at = Math.max(from + distance, alignUp(highest));
        keep(new Segment(file, 0, file.size(), at, file.size(), false));
        check(file);
        initrd = Optional.of(new Place(at, at + file.size()));
    }

    private ImageFile open(String what, Path path) throws BootException {
        ImageFile file = ImageFile.open(what, path);
        files.add(file);
        return file;
    }

    private void keep(Segment segment) {
        segments.add(segment);
        highest = Math.max(highest, segment.end());
    }

    /** Refuses what lies outside of RAM or on top of something else. */
    private void check(ImageFile file) throws BootException {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.file() != file) {
                continue;
            }
            long ram = request.ramStart();
            if (segment.address() < ram
                    || segment.memorySize() > request.ramSize()
                    || segment.address() - ram > request.ramSize() - segment.memorySize()) {
                throw file.refuse("it needs " + segment.memorySize() + " bytes at 0x"
                        + Long.toHexString(segment.address()) + ", but RAM is " + (request.ramSize() >> 20)
                        + " MiB at 0x" + Long.toHexString(ram) + "; give the machine more with -m");
            }
            for (Segment earlier : segments.subList(0, i)) {
                if (earlier.overlaps(segment)) {
                    throw file.refuse("its place at 0x" + Long.toHexString(segment.address())
                            + " is taken by something that is loaded before it");
                }
            }
        }
    }

    /** Where the machine's first instruction outside of its ROM is: firmware, or else the kernel, or else RAM. */
    public long start() {
        return start;
    }

    /** The kernel's first instruction; 0 if there is no kernel. */
    public long kernelEntry() {
        return kernelEntry;
    }

    /** Where the initrd will be, for the device tree. */
    public Optional<Place> initrd() {
        return initrd;
    }

    /**
     * Where a device tree of that many bytes goes.
     *
     * @throws BootException if there is no room for it behind everything else
     */
    public long placeDeviceTree(int size) throws BootException {
        long end = request.ramStart() + request.ramSize();
        long at = (end - size) & -ALIGNMENT;
        if (at < highest) {
            throw new BootException("RAM of " + (request.ramSize() >> 20)
                    + " MiB has no room for the device tree behind kernel and initrd; give the machine more with -m");
        }
        return at;
    }

    /**
     * Copies everything into guest memory.
     *
     * @throws BootException if a file cannot be read any more
     */
    public void load(GuestMemory memory) throws BootException {
        for (Segment segment : segments) {
            segment.file().copy(segment.offset(), segment.fileSize(), memory, segment.address());
            if (segment.zeroed()) {
                clear(memory, segment.address() + segment.fileSize(), segment.end());
            }
        }
    }

    /** What {@link #load} copies, in the order in which it was given its place. */
    public List<LoadedImage> images() {
        List<LoadedImage> images = new ArrayList<>();
        for (Segment segment : segments) {
            images.add(new LoadedImage(
                    segment.address(), segment.fileSize(), false, segment.file().name()));
        }
        return images;
    }

    private static void clear(GuestMemory memory, long from, long to) {
        byte[] zeros = new byte[(int) Math.min(ZEROS, to - from)];
        for (long at = from; at < to; at += zeros.length) {
            memory.write(at, zeros, 0, (int) Math.min(zeros.length, to - at));
        }
    }

    private static long alignUp(long address) {
        return (address + ALIGNMENT - 1) & -ALIGNMENT;
    }

    @Override
    public void close() {
        files.forEach(ImageFile::close);
    }
}
