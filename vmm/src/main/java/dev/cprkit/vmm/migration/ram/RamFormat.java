package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.memory.DirtyLog;

/** The numbers of section {@code ram} (reference/qemu-cpr.md, sections 3.8 and 3.9). */
public final class RamFormat {
    public static final String IDSTR = "ram";
    public static final int VERSION = 4;
    /** Bytes of a page of the guest. */
    public static final int PAGE = DirtyLog.PAGE;

    // In the low bits of a word whose upper bits are an offset or a length.
    static final long FLAGS = PAGE - 1;
    static final long ZERO = 0x02;
    static final long MEM_SIZE = 0x04;
    static final long RAW = 0x08;
    static final long EOS = 0x10;
    static final long CONTINUE = 0x20;
    static final long XBZRLE = 0x40;
    static final long COMPRESSED = 0x100;
    static final long MULTIFD_FLUSH = 0x200;

    static final int MAPPED_VERSION = 1;
    static final int MAPPED_HEADER = 28;
    static final long MAPPED_ALIGNMENT = 1 << 20;

    private RamFormat() {}
}
