package dev.cprkit.it.cpu;

/**
 * The 8 KiB of guest memory that belong to one sequence: what it starts from, its code, its data, and what it leaves.
 * Offsets in bytes; the harness, the generator and the comparison share them.
 */
final class Block {
    static final int SIZE = 0x2000;

    /** Values of mstatus and satp for the sequence. */
    static final int MSTATUS = 0x00;

    static final int SATP = 0x08;
    /** First byte of code, and the ebreak behind it. */
    static final int CODE_START = 0x10;

    static final int CODE_END = 0x18;
    /** Where a jump out of the code is sent. */
    static final int RECOVERY = 0x20;
    /** How often the code is still to be run. */
    static final int PASSES = 0x28;
    /** Where the next trap is logged, and how many more may be. */
    static final int LOG_NEXT = 0x30;

    static final int TRAPS_LEFT = 0x38;
    static final int FCSR = 0x40;
    /** What {@code medeleg}, {@code mideleg}, {@code mie} and {@code mip} hold at the start. */
    static final int MEDELEG = 0x48;

    static final int MIDELEG = 0x50;
    static final int MIE = 0x58;
    static final int MIP = 0x60;
    /** 1 if interrupts have vectors of their own, 0 if not. */
    static final int VECTORED = 0x68;
    /** Which vector was last used, in each mode. */
    static final int VECTOR = 0x70;

    static final int VECTOR_S = 0x78;
    /** Four doublewords for each trap handler's own use, not compared. */
    static final int SAVED = 0x80;

    static final int SAVED_S = 0xa0;
    static final int SAVED_END = 0xc0;
    static final int PMPCFG0 = 0xc0;

    static final int X = 0x100;
    static final int F = 0x200;
    static final int FINAL_X = 0x300;
    static final int FINAL_F = 0x400;
    /** {@code pmpaddr0} to {@code pmpaddr7}. */
    static final int PMPADDR = 0x500;

    static final int FINAL_FCSR = 0x540;
    static final int FINAL_CSRS = 0x548;

    /** Records of cause, value, pc from the start of the block, and mstatus. */
    static final int LOG = 0x580;

    static final int LOG_RECORD = 32;
    static final int LOG_RECORDS = 52;
    static final int CODE = 0xc00;
    static final int CODE_SIZE = 0x800;
    static final int DATA = 0x1400;
    static final int DATA_SIZE = 0xc00;

    private Block() {}
}
