package dev.cprkit.it.cpu;

import dev.cprkit.it.cpu.InstructionSet.Instruction;
import java.util.List;
import java.util.Map;

/**
 * Writes units of code: single instructions, and groups that make sense together only. Store-conditional stands with its
 * load-reserved or alone, when it must fail; what it does after a reservation of another address is left open.
 */
final class Units {
    /** x4 counts the rounds of a loop. */
    static final int COUNTER = 4;

    private static final int BLT = 0x4063;

    private final Choice c;
    private final Code code;
    private final Setting setting;
    private final Operands operands;
    private final PrivilegedUnits privileged;
    private final Map<String, Integer> emitted;
    private int loop = -1;

    Units(Choice choice, Code code, Setting setting, Map<String, Integer> emitted) {
        c = choice;
        this.code = code;
        this.setting = setting;
        this.emitted = emitted;
        operands = new Operands(choice, code, setting);
        privileged = new PrivilegedUnits(choice, code, setting);
    }

    /** Writes one more unit. */
    void write() {
        List<Instruction> all = InstructionSet.all();
        switch (c.below(24)) {
            case 23 -> {
                count("privileged");
                privileged.write();
            }
            case 0 -> illegal();
            case 1 -> reservation();
            case 2 -> farJump();
            case 4 -> loop();
            case 3 -> {
                if (c.chance(3)) {
                    modifyCode();
                } else {
                    machineStatus();
                }
            }
            default -> instruction(all.get(c.below(all.size())));
        }
    }

    private void count(String name) {
        emitted.merge(name, 1, Integer::sum);
    }

    private void instruction(Instruction i) {
        int m = i.match();
        switch (i.name()) {
            case "wfi" -> {
                if (!setting.waitingIsTrapped()) {
                    return;
                }
            }
            case "mret" -> {
                if (setting.machine()) {
                    trapReturn(Harness.MEPC, Harness.MSTATUS, 0x1800, m);
                    return;
                }
            }
            case "sret" -> {
                if (setting.machine() && setting.old() || !setting.user() && setting.delegated()) {
                    return;
                }
                if (!setting.user()) {
                    trapReturn(Harness.SEPC, setting.machine() ? Harness.MSTATUS : Harness.SSTATUS, 0x100, m);
                    return;
                }
            }
            default -> {}
        }
        if (i.name().startsWith("lr.") || i.name().startsWith("sc.")) {
            reservation();
            return;
        }
        count(i.name());
        operands.write(i);
    }

    /** A return from a trap that was none, to a unit ahead, mostly to the mode it is in. */
    private void trapReturn(int epc, int status, int previous, int match) {
        int register = c.high();
        if (setting.old() || !c.chance(8)) {
            code.word(Assembler.lui(register, previous + 0x800 >>> 12));
            code.word(Assembler.addi(register, register, previous));
            code.word((!setting.old() && c.chance(12) ? 0x3073 : 0x2073) | register << 15 | status << 20);
        }
        code.jump(0x17 | register << 7, code.ahead(c.below(12)));
        code.word(Assembler.addi(register, register, 0));
        code.word(Assembler.csrrw(0, epc, register));
        code.word(match);
    }

    private void farJump() {
        operands.jalr(0x67);
        count("jalr");
    }

    /** Load-reserved and its store-conditional, or the second alone, which must fail. */
    private void reservation() {
        int wide = c.below(2) << 12;
        int register = c.pointer();
        int address = c.any(Choice.GOOD);
        code.word(0x7013 | register << 7 | address << 15 | -8 << 20);
        if (!c.chance(6)) {
            code.word(0x1000_202f | wide | c.high() << 7 | register << 15 | c.below(4) << 25);
            count(wide == 0 ? "lr.w" : "lr.d");
            for (int i = c.below(3); i > 0; i--) {
                code.word(0x33 | c.high() << 7 | c.rs() << 15 | c.rs() << 20);
            }
        }
        code.word(0x1800_202f | wide | c.high() << 7 | register << 15 | c.rs() << 20 | c.below(4) << 25);
        count(wide == 0 ? "sc.w" : "sc.d");
    }

    private void illegal() {
        count("illegal");
        if (c.chance(3)) {
            int[] compressed = {
                0,
                0x8000 | c.below(0x2000) & ~3,
                0x9c41 | c.below(8) << 7 | c.below(8) << 2,
                0x9c61 | c.below(8) << 7,
                0x2001,
                0x4002 | c.below(32) << 2,
                0x6002,
                0x8002
            };
            code.half(c.any(compressed));
            return;
        }
        while (true) {
            int word = c.bits() | 3;
            if (c.chance(2)) {
                Instruction i =
                        InstructionSet.all().get(c.below(InstructionSet.all().size()));
                word = i.match() & 0xfe00_707f | word & 0x01ff_8f80 ^ 1 << c.between(7, 32);
            }
            if ((word & 0x1f) != 0x1f && InstructionSet.illegal(word)) {
                code.word(word);
                return;
            }
        }
    }

    /** The start of a loop, or the end of the one that was started; x4 counts, and is nobody else's. */
    private void loop() {
        if (loop < 0) {
            code.word(Assembler.addi(COUNTER, 0, c.chance(4) ? c.between(20, 200) : c.between(2, 5)));
            loop = code.units();
            return;
        }
        code.word(Assembler.addi(COUNTER, COUNTER, -1));
        code.jump(BLT | COUNTER << 20, loop);
        loop = -1;
    }

    /** Writes an instruction into code that comes next. */
    private void modifyCode() {
        count("code written");
        int address = c.between(10, 13);
        int word = 0x33 | c.computed() << 7 | c.rs() << 15 | c.rs() << 20 | c.below(8) << 12;
        code.jump(0x17 | address << 7, code.units());
        code.word(Assembler.addi(address, address, 0));
        code.word(Assembler.lui(13, word + 0x800 >>> 12));
        code.word(0x1b | 13 << 7 | 13 << 15 | word << 20);
        code.word(0x2023 | 13 << 20 | address << 15);
        code.word(0x100f);
        code.unit();
        code.word(0x13 | c.computed() << 7 | 1 << 20);
    }

    /** In machine mode, data accesses with another mode's eyes, and made-up interrupts; elsewhere it is illegal. */
    private void machineStatus() {
        count("mstatus");
        int register = c.high();
        int bits = setting.machine() && c.chance(4) ? 0x20 : c.chance(2) ? 1 << 6 : 1 << 7;
        code.word(Assembler.lui(register, bits));
        code.word((c.chance(2) ? 0x2073 : 0x3073)
                | register << 15
                | (setting.machine() ? Harness.MSTATUS : Harness.SSTATUS) << 20);
    }
}
