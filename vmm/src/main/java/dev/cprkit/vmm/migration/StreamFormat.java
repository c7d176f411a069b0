package dev.cprkit.vmm.migration;

/** The numbers of the main stream (reference/qemu-cpr.md, sections 3.2, 3.5, 3.6 and 3.8). */
final class StreamFormat {
    static final int MAGIC = 0x5145564d;
    static final int VERSION = 3;

    static final int EOF = 0x00;
    static final int SECTION_START = 0x01;
    static final int SECTION_PART = 0x02;
    static final int SECTION_END = 0x03;
    static final int SECTION_FULL = 0x04;
    static final int DESCRIPTION = 0x06;
    static final int CONFIGURATION = 0x07;
    static final int COMMAND = 0x08;
    static final int FOOTER = 0x7e;

    static final int CMD_OPEN_RETURN_PATH = 1;
    static final int CMD_PING = 2;
    static final int CMD_DEPRECATED = 8;
    static final int CMD_LAST = 11;
    static final int CMD_SWITCHOVER_START = 11;

    static final int RP_SHUT = 1;
    static final int RP_PONG = 2;

    static final int PAGE_SIZE = 4096;

    private StreamFormat() {}
}
