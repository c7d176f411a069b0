package dev.cprkit.vmm.machine.fdt;

/** The nodes that belong to no device: the root, memory, aliases, the bus, and what the loader tells the kernel. */
public final class BoardNodes {
    /** Where the kernel's first console is. */
    private static final String CONSOLE = "/soc/serial@10000000";

    private BoardNodes() {}

    /** The root of the tree of a {@code virt} board. */
    public static FdtNode root() {
        return FdtNode.root()
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .strings("compatible", "riscv-virtio")
                .strings("model", "riscv-virtio,qemu");
    }

    /** Adds RAM. */
    public static void memory(FdtNode root, long address, long size) {
        root.child("memory@" + Long.toHexString(address))
                .strings("device_type", "memory")
                .reg(address, size);
    }

    /** Adds the short names: {@code serial0}. */
    public static void aliases(FdtNode root) {
        root.child("aliases").strings("serial0", CONSOLE);
    }

    /** Adds the bus that the devices are on, and returns it. */
    public static FdtNode soc(FdtNode root) {
        return root.child("soc")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .strings("compatible", "simple-bus")
                .flag("ranges");
    }

    /**
     * Adds the node for the kernel, with its console.
     *
     * @param seed what the kernel's random pool starts from, 32 bytes
     */
    public static FdtNode chosen(FdtNode root, byte[] seed) {
        return root.child("chosen").strings("stdout-path", CONSOLE).bytes("rng-seed", seed);
    }

    /** Puts the kernel's command line into the tree, over one that is there. */
    public static void bootArguments(FdtNode root, String arguments) {
        root.child("chosen").strings("bootargs", arguments);
    }

    /** Tells the kernel where the initrd is: {@code end} is the address after its last byte. */
    public static void initrd(FdtNode root, long start, long end) {
        root.child("chosen").longs("linux,initrd-start", start).longs("linux,initrd-end", end);
    }
}
