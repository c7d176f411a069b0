package dev.cprkit.vmm.machine.fdt;

/** Numbers of the flattened format (Devicetree Specification v0.4, sections 5.2 to 5.4). */
final class FdtFormat {
    static final int MAGIC = 0xd00dfeed;
    static final int VERSION = 17;
    static final int LAST_COMPATIBLE_VERSION = 16;
    static final int HEADER = 40;

    static final int BEGIN_NODE = 1;
    static final int END_NODE = 2;
    static final int PROP = 3;
    static final int NOP = 4;
    static final int END = 9;

    private FdtFormat() {}
}
