package dev.cprkit.vmm.monitor;

import dev.cprkit.vmm.memory.GuestMemory;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The guest as a monitor looks into it. The vCPU stands still during each call and then goes on if it was running. Main
 * loop's thread with the machine lock held.
 */
public interface GuestInspection {
    /** How many vCPUs there are. */
    int cpus();

    /** Does something that consists of several calls while the vCPUs stand still. */
    <T> T standing(Supplier<T> action);

    /** A vCPU's registers, as {@code info registers} lists them. */
    List<String> registers(int cpu);

    /** A register by the name that expressions know it by: {@code pc}, {@code a0}. */
    OptionalLong register(int cpu, String name);

    /** The physical address that a vCPU finds behind a virtual one; empty if nothing is mapped there. */
    OptionalLong translate(int cpu, long virtual);

    /** What a vCPU's page tables map, as {@code info mem} lists it; one line if it uses none. */
    List<String> mappings(int cpu);

    /** An instruction as text: its bits, its length of 2 or 4 bytes, and where it lies. */
    String instruction(int bits, int length, long address);

    /** What of translated code there is, as {@code info jit} lists it. */
    List<String> decodedCode();

    /** The physical address space. */
    GuestMemory memory();

    /** What was loaded into memory at the last reset. */
    List<LoadedImage> images();

    /** The flattened device tree as the guest finds it at the next reset. */
    byte[] deviceTree();

    /**
     * Something that is put into guest memory at each reset.
     *
     * @param address guest-physical
     * @param size in bytes
     * @param rom whether it lies in read-only memory
     * @param name a file's path, or what it is
     */
    record LoadedImage(long address, long size, boolean rom, String name) {}
}
