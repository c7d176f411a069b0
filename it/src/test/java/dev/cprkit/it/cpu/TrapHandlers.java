package dev.cprkit.it.cpu;

import static dev.cprkit.it.cpu.Assembler.addi;
import static dev.cprkit.it.cpu.Assembler.csrrc;
import static dev.cprkit.it.cpu.Assembler.csrrs;
import static dev.cprkit.it.cpu.Assembler.csrrw;
import static dev.cprkit.it.cpu.Assembler.ld;
import static dev.cprkit.it.cpu.Assembler.load;
import static dev.cprkit.it.cpu.Assembler.sd;

/**
 * The harness's trap handlers for machine and supervisor mode. Both log the trap and go on: behind the instruction, where
 * an interrupt came (its bit taken back), or at the block's recovery point if the code was left. Only the machine's ends
 * a pass or the sequence.
 */
final class TrapHandlers {
    private static final int X27 = 27;
    private static final int X28 = 28;
    private static final int X29 = 29;
    private static final int X30 = 30;
    private static final int X31 = 31;
    private static final int ECALL = 0x73;

    private final Assembler a;
    private final String name;
    private final boolean machine;
    private final int scratch;
    private final int saved;

    private TrapHandlers(Assembler a, boolean machine) {
        this.a = a;
        this.machine = machine;
        name = machine ? "machine" : "supervisor";
        scratch = machine ? Harness.MSCRATCH : Harness.SSCRATCH;
        saved = machine ? Block.SAVED : Block.SAVED_S;
    }

    /** Writes {@code machine-vectors} and all behind it; it leaves to {@code finish}. */
    static void machine(Assembler a) {
        new TrapHandlers(a, true).write();
    }

    /** Writes {@code supervisor-vectors} and all behind it. */
    static void supervisor(Assembler a) {
        new TrapHandlers(a, false).write();
    }

    private void write() {
        vectors();
        a.label(name + "-trap").word(csrrw(X31, scratch, X31)).word(sd(X30, saved + 24, X31));
        a.label(name + "-common");
        for (int i = 0; i < 3; i++) {
            a.word(sd(X27 + i, saved + 8 * i, X31));
        }
        a.word(csrrs(X30, machine ? Harness.MCAUSE : Harness.SCAUSE, 0));
        a.word(csrrs(X29, machine ? Harness.MEPC : Harness.SEPC, 0));
        log();
        a.word(ld(X28, Block.TRAPS_LEFT, X31)).word(addi(X28, X28, -1)).word(sd(X28, Block.TRAPS_LEFT, X31));
        if (machine) {
            a.branch(0, X28, 0, "finish");
        } else {
            // Too many: an environment call from here always goes to machine mode, which ends the sequence.
            a.branch(1, X28, 0, "supervisor-goes-on");
            a.word(addi(X28, 0, 1)).word(sd(X28, Block.TRAPS_LEFT, X31)).word(ECALL);
            a.label("supervisor-goes-on");
        }
        a.word(ld(X28, Block.CODE_END, X31));
        if (machine) {
            a.branch(0, X28, X29, "pass");
        }
        a.branch(5, X30, 0, name + "-exception");
        interrupt();
        a.label(name + "-exception").word(ld(X27, Block.CODE_START, X31));
        a.branch(6, X29, X27, name + "-recover").branch(7, X29, X28, name + "-recover");
        skip();
        a.label(name + "-recover").word(ld(X29, Block.RECOVERY, X31));
        if (machine) {
            a.jump("machine-resume-there");
            pass();
        }
        a.label(name + "-resume-there").word(csrrw(0, machine ? Harness.MEPC : Harness.SEPC, X29));
        a.label(name + "-resume");
        for (int i = 0; i < 4; i++) {
            a.word(ld(X27 + i, saved + 8 * i, X31));
        }
        a.word(csrrw(X31, scratch, X31)).word(machine ? Harness.MRET : Harness.SRET);
    }

    /** A jump for each cause, by way of a note of which it was. */
    private void vectors() {
        a.align().label(name + "-vectors").jump(name + "-trap");
        for (int cause = 1; cause < 16; cause++) {
            a.jump(name + "-vector-" + cause);
        }
        for (int cause = 1; cause < 16; cause++) {
            a.label(name + "-vector-" + cause).word(csrrw(X31, scratch, X31)).word(sd(X30, saved + 24, X31));
            a.word(addi(X30, 0, cause)).word(sd(X30, machine ? Block.VECTOR : Block.VECTOR_S, X31));
            a.jump(name + "-common");
        }
    }

    /** Appends cause (x30), value, pc (x29) less the block's address, and status to the log. */
    private void log() {
        a.word(ld(X27, Block.LOG_NEXT, X31)).word(sd(X30, 0, X27));
        a.word(csrrs(X28, machine ? Harness.MTVAL : Harness.STVAL, 0)).word(sd(X28, 8, X27));
        a.word(0x4000_0033 | X28 << 7 | X29 << 15 | X31 << 20).word(sd(X28, 16, X27));
        a.word(csrrs(X28, machine ? Harness.MSTATUS : Harness.SSTATUS, 0)).word(sd(X28, 24, X27));
        a.word(addi(X27, X27, Block.LOG_RECORD)).word(sd(X27, Block.LOG_NEXT, X31));
    }

    /** No longer pending, or where that cannot be had, no longer enabled. */
    private void interrupt() {
        a.word(addi(X28, 0, 1)).word(0x1033 | X28 << 7 | X28 << 15 | X30 << 20);
        a.word(csrrc(0, machine ? Harness.MIP : Harness.SIE, X28)).jump(name + "-resume");
    }

    private void skip() {
        a.word(load(5, X28, 0, X29)).word(0x7013 | X28 << 7 | X28 << 15 | 3 << 20);
        a.word(addi(X27, 0, 3)).word(addi(X29, X29, 2)).branch(1, X28, X27, name + "-resume-there");
        a.word(addi(X29, X29, 2)).jump(name + "-resume-there");
    }

    private void pass() {
        a.label("pass").word(ld(X28, Block.PASSES, X31)).word(addi(X28, X28, -1));
        a.word(sd(X28, Block.PASSES, X31)).branch(0, X28, 0, "finish").word(ld(X29, Block.CODE_START, X31));
    }
}
