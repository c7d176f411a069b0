package dev.cprkit.vmm.machine.boot;

import dev.cprkit.vmm.machine.fdt.FdtException;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.machine.fdt.FdtReader;
import java.nio.file.Path;

/** A device tree that the user gave ({@code -dtb}). */
public final class DeviceTreeFile {
    private static final int MAX_SIZE = 2 << 20;

    private DeviceTreeFile() {}

    /**
     * Reads it.
     *
     * @throws BootException if the file cannot be read or is not a flattened device tree
     */
    public static FdtNode read(Path path) throws BootException {
        try (ImageFile file = ImageFile.open("device tree", path)) {
            if (file.size() > MAX_SIZE) {
                throw file.refuse("it is larger than " + (MAX_SIZE >> 20) + " MiB");
            }
            try {
                return FdtReader.parse(file.read(0, MAX_SIZE));
            } catch (FdtException e) {
                throw new BootException(file.refuse(e.getMessage()).getMessage(), e);
            }
        }
    }
}
