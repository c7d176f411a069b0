package dev.cprkit.it.cpu;

import static dev.cprkit.it.cpu.Assembler.addi;
import static dev.cprkit.it.cpu.Assembler.csrrc;
import static dev.cprkit.it.cpu.Assembler.csrrs;
import static dev.cprkit.it.cpu.Assembler.csrrw;
import static dev.cprkit.it.cpu.Assembler.fld;
import static dev.cprkit.it.cpu.Assembler.fsd;
import static dev.cprkit.it.cpu.Assembler.ld;
import static dev.cprkit.it.cpu.Assembler.sd;

import java.nio.ByteBuffer;

/**
 * The machine-mode program around the sequences: for each block it sets up the registers, enters the code in its mode,
 * logs every trap and goes on behind the instruction, and stores the registers when the code has come to its end.
 *
 * <p>PMP lets the sequences reach RAM and a hole behind it only, so that no wild access finds a device that one machine
 * has and the other has not. At the end the finisher at {@link #FINISHER} is opened and told to power off.
 */
final class Harness {
    static final long RAM = 0x8000_0000L;
    static final int RAM_SIZE = 64 << 20;
    /** Where PMP's permission ends; nothing lies between there and the end of RAM. */
    static final long HOLE_END = 0x9000_0000L;

    static final long BLOCKS = RAM + 0x0100_0000;
    static final int MAX_BLOCKS = 4096;
    static final long FINISHER = 0x10_0000;

    /** Where the program keeps the address behind the last block. */
    private static final long END_OF_BLOCKS = RAM + 0x1000;

    /** Where the program leaves how many instructions were executed, from the start of RAM. */
    static final int INSTRUCTIONS = (int) (END_OF_BLOCKS - RAM) + 8;

    static final int SSTATUS = 0x100;
    static final int STVEC = 0x105;
    static final int SSCRATCH = 0x140;
    static final int SEPC = 0x141;
    static final int SCAUSE = 0x142;
    static final int STVAL = 0x143;
    static final int SATP = 0x180;
    static final int SIE = 0x104;
    static final int SIP = 0x144;
    static final int MSTATUS = 0x300;
    static final int MEDELEG = 0x302;
    static final int MIDELEG = 0x303;
    static final int MIE = 0x304;
    static final int MTVEC = 0x305;
    static final int MCOUNTEREN = 0x306;
    static final int MENVCFG = 0x30a;
    static final int MSCRATCH = 0x340;
    static final int MEPC = 0x341;
    static final int MCAUSE = 0x342;
    static final int MTVAL = 0x343;
    static final int MIP = 0x344;
    private static final int MINSTRET = 0xb02;
    static final int PMPCFG0 = 0x3a0;
    static final int PMPADDR0 = 0x3b0;
    static final int FCSR = 3;

    static final int MRET = 0x3020_0073;
    static final int SRET = 0x1020_0073;
    private static final int FENCE_I = 0x100f;
    private static final int SFENCE_VMA = 0x1200_0073;
    private static final int FS = 0x6000;
    private static final int ADD_5_5_6 = 0x33 | 5 << 7 | 5 << 15 | 6 << 20;

    private static final int RA = 1;
    private static final int X31 = 31;

    private Harness() {}

    /** Writes the program for so many blocks into the image of RAM. */
    static void writeTo(ByteBuffer image, int blocks) {
        Assembler a = new Assembler(RAM);
        start(a, blocks);
        enterBlock(a);
        TrapHandlers.machine(a);
        finishBlock(a);
        powerOff(a);
        TrapHandlers.supervisor(a);
        a.writeTo(image, RAM);
    }

    private static void start(Assembler a, int blocks) {
        a.word(csrrw(0, MIE, 0))
                .word(csrrw(0, MEDELEG, 0))
                .word(csrrw(0, MIDELEG, 0))
                .word(csrrw(0, MCOUNTEREN, 0));
        // 9: below RAM, nothing. 10: RAM and the hole, all. 11: everything, nothing. 0 to 7 are the blocks'.
        a.word(csrrw(0, PMPADDR0 + 8, 0));
        a.li(5, (int) (RAM >>> 2)).word(csrrw(0, PMPADDR0 + 9, 5));
        a.li(5, (int) (HOLE_END >>> 2)).word(csrrw(0, PMPADDR0 + 10, 5));
        a.word(addi(5, 0, -1)).word(0x5013 | 5 << 7 | 5 << 15 | 10 << 20).word(csrrw(0, PMPADDR0 + 11, 5));
        a.li(5, 0x98_0f88).word(0x1013 | 5 << 7 | 5 << 15 | 8 << 20).word(csrrw(0, PMPCFG0 + 2, 5));
        // Accessed and dirty are for the hart to set, where that is optional.
        a.word(addi(5, 0, 1)).word(0x1013 | 5 << 7 | 5 << 15 | 61 << 20).word(csrrw(0, MENVCFG, 5));
        a.li64(X31, BLOCKS).word(csrrw(0, MSCRATCH, X31));
        a.li64(5, BLOCKS + (long) blocks * Block.SIZE);

        a.li64(6, END_OF_BLOCKS).word(sd(5, 0, 6));
    }

    private static void enterBlock(Assembler a) {
        a.label("enter").word(csrrs(X31, MSCRATCH, 0));
        a.li(5, FS).word(csrrs(0, MSTATUS, 5));
        a.word(ld(5, Block.FCSR, X31)).word(csrrw(0, FCSR, 5));
        for (int i = 0; i < 32; i++) {
            a.word(fld(i, Block.F + 8 * i, X31));
        }
        for (int i = 0; i < 8; i++) {
            a.word(ld(5, Block.PMPADDR + 8 * i, X31)).word(csrrw(0, PMPADDR0 + i, 5));
        }
        a.word(ld(5, Block.PMPCFG0, X31)).word(csrrw(0, PMPCFG0, 5));
        a.word(ld(6, Block.VECTORED, X31));
        a.la(5, "machine-vectors").word(ADD_5_5_6).word(csrrw(0, MTVEC, 5));
        a.la(5, "supervisor-vectors").word(ADD_5_5_6).word(csrrw(0, STVEC, 5));
        a.word(ld(5, Block.SATP, X31)).word(csrrw(0, SATP, 5)).word(SFENCE_VMA).word(FENCE_I);
        a.word(ld(5, Block.MEDELEG, X31)).word(csrrw(0, MEDELEG, 5));
        a.word(ld(5, Block.MIDELEG, X31)).word(csrrw(0, MIDELEG, 5));
        a.word(ld(5, Block.MIE, X31)).word(csrrw(0, MIE, 5));
        a.word(ld(5, Block.MIP, X31)).word(csrrw(0, MIP, 5));
        a.word(csrrw(0, SSCRATCH, X31))
                .word(csrrw(0, SEPC, 0))
                .word(csrrw(0, STVAL, 0))
                .word(csrrw(0, SCAUSE, 0));
        a.word(ld(5, Block.CODE_START, X31)).word(csrrw(0, MEPC, 5));
        a.word(ld(5, Block.MSTATUS, X31)).word(csrrw(0, MSTATUS, 5));
        for (int i = 1; i < 32; i++) {
            a.word(ld(i, Block.X + 8 * i, X31));
        }
        a.word(MRET);
    }

    private static void finishBlock(Assembler a) {
        a.label("finish").word(csrrw(0, PMPCFG0, 0));
        for (int i = 1; i < 27; i++) {
            a.word(sd(i, Block.FINAL_X + 8 * i, X31));
        }
        for (int i = 0; i < 4; i++) {
            a.word(ld(RA, Block.SAVED + 8 * i, X31)).word(sd(RA, Block.FINAL_X + 8 * (27 + i), X31));
        }
        a.word(csrrs(RA, MSCRATCH, 0)).word(sd(RA, Block.FINAL_X + 8 * X31, X31));
        int[] csrs = {SSCRATCH, SEPC, SCAUSE, STVAL, SATP, MIE, MIP};
        for (int i = 0; i < csrs.length; i++) {
            a.word(csrrs(RA, csrs[i], 0)).word(sd(RA, Block.FINAL_CSRS + 8 * i, X31));
        }
        a.word(csrrw(0, MIE, 0))
                .word(csrrw(0, MIP, 0))
                .word(csrrw(0, MEDELEG, 0))
                .word(csrrw(0, MIDELEG, 0));
        a.word(csrrw(0, SATP, 0)).word(SFENCE_VMA);
        a.li(5, 0x2_0000).word(csrrc(0, MSTATUS, 5)).li(5, FS).word(csrrs(0, MSTATUS, 5));
        a.word(csrrs(RA, FCSR, 0)).word(sd(RA, Block.FINAL_FCSR, X31));
        for (int i = 0; i < 32; i++) {
            a.word(fsd(i, Block.FINAL_F + 8 * i, X31));
        }
        a.li(5, Block.SIZE).word(0x33 | X31 << 7 | X31 << 15 | 5 << 20).word(csrrw(0, MSCRATCH, X31));
        a.li64(6, END_OF_BLOCKS).word(ld(5, 0, 6)).branch(1, X31, 5, "again").jump("power-off");
        a.label("again").jump("enter");
    }

    private static void powerOff(Assembler a) {
        a.label("power-off")
                .li64(6, END_OF_BLOCKS)
                .word(csrrs(5, MINSTRET, 0))
                .word(sd(5, 8, 6))
                .li(5, (int) (FINISHER >>> 2))
                .word(csrrw(0, PMPADDR0, 5));
        a.word(addi(5, 0, 0x13)).word(csrrw(0, PMPCFG0, 5));
        a.li(6, (int) FINISHER).li(5, 0x5555).word(0x2023 | 5 << 20 | 6 << 15);
        a.label("wait").jump("wait");
    }
}
