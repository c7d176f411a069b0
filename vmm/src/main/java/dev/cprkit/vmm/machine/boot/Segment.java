package dev.cprkit.vmm.machine.boot;

/**
 * A part of a file and where it goes in guest memory.
 *
 * @param address guest-physical
 * @param fileSize bytes that come from the file
 * @param memorySize bytes that are taken up, at least {@code fileSize}
 * @param zeroed whether the bytes beyond those of the file are cleared (an ELF file's bss) or just kept free
 */
record Segment(ImageFile file, long offset, long fileSize, long address, long memorySize, boolean zeroed) {
    /** The address after the last byte. */
    long end() {
        return address + memorySize;
    }

    boolean overlaps(Segment other) {
        return address < other.end() && other.address < end();
    }
}
