package dev.cprkit.it.cpu;

import static dev.cprkit.it.cpu.Assembler.addi;
import static dev.cprkit.it.cpu.Assembler.csrrs;
import static dev.cprkit.it.cpu.Assembler.csrrw;
import static dev.cprkit.it.cpu.Assembler.lui;

/**
 * Units of code that change privileged state: fields of status registers, interrupts made pending, registers written and
 * read back, page tables changed under {@code sfence.vma}. Only values whose effect the privileged manual prescribes, or
 * on which implementations agree; what would take the harness its ground is put back in the next instruction.
 */
final class PrivilegedUnits {
    private static final int MISA = 0x301;
    private static final int ADD_UW = 0x0800_003b;

    private final Choice c;
    private final Code code;
    private final Setting setting;

    PrivilegedUnits(Choice choice, Code code, Setting setting) {
        c = choice;
        this.code = code;
        this.setting = setting;
    }

    void write() {
        if (setting.machine()) {
            machine();
        } else {
            supervisor();
        }
    }

    private void machine() {
        int a = register();
        switch (c.below(12)) {
            case 0, 1, 2 -> fields(Harness.MSTATUS, a, machineFields());
            case 3 -> fields(Harness.MIE, a, c.bits() & 0xa2a);
            case 4 -> {
                constant(a, c.bits() & (c.chance(2) ? 0x200 : 0x22));
                code.word(csrrw(register(), Harness.MIP, a));
                code.word(csrrs(register(), Harness.MIP, 0));
            }
            case 5 -> swap(Harness.MIDELEG, a, c.bits() & 0x222);
            case 6 -> swap(Harness.MEDELEG, a, c.bits() & 0xb3ff);
            case 7 -> translation(a);
            case 8 -> {
                // Not 10: code stands on it. 8, 9 and 11 are locked.
                int entry = c.below(11);
                int csr = Harness.PMPADDR0 + (entry == 10 ? 11 : entry);
                code.word(0x5013 | a << 7 | register() << 15 | 10 << 20);
                code.word(csrrw(a, csr, a));
                code.word(csrrw(register(), csr, a));
            }
            case 9 -> {
                int csr = c.chance(2) ? Harness.MTVEC : Harness.STVEC;
                code.word(0x7013 | a << 7 | register() << 15 | -3 << 20);
                code.word(csrrw(a, csr, a));
                code.word(csrrw(register(), csr, a));
            }
            case 10 -> {
                int csr = c.below(3);
                code.word(0x7013 | a << 7 | register() << 15 | (csr == 0 ? 15 : -2) << 20);
                csr = csr == 0 ? Harness.MCAUSE : csr == 1 ? Harness.MTVAL : Harness.MEPC;
                code.word(csrrw(0, csr, a));
                code.word(csrrs(register(), csr, 0));
            }
            default -> {
                // B may be told or not.
                code.word(csrrs(a, MISA, 0));
                code.word(0x7013 | a << 7 | a << 15 | -3 << 20);
                code.word(0x5073 | register() << 7 | c.below(8) << 15 | Harness.MCOUNTEREN << 20);
                code.word(0x5073 | register() << 7 | Harness.MCOUNTEREN << 20);
            }
        }
    }

    private int machineFields() {
        int fields = c.bits() & (setting.old() ? 0x7c_01aa : 0x7e_09aa);
        return c.below(8) == 0 ? fields | 0x6000 : fields;
    }

    private void supervisor() {
        int a = register();
        switch (c.below(setting.trapped() == 0 ? 8 : 6)) {
            case 0, 1 -> fields(Harness.SSTATUS, a, c.bits() & 0xc_0122 | (c.below(8) == 0 ? 0x6000 : 0));
            case 2 -> fields(Harness.SIE, a, c.bits() & 0x222);
            case 3 -> fields(Harness.SIP, a, setting.external() ? 0 : 2);
            case 4 -> {
                code.word(0x7013 | a << 7 | register() << 15 | -3 << 20);
                code.word(csrrw(a, Harness.STVEC, a));
                code.word(csrrw(register(), Harness.STVEC, a));
            }
            case 5 -> {
                // A mode that there is not: nothing is written.
                code.word(addi(a, 0, c.between(1, 8)));
                code.word(0x1013 | a << 7 | a << 15 | 60 << 20);
                code.word(csrrw(register(), Harness.SATP, a));
            }
            default -> changeTable();
        }
    }

    private int register() {
        return c.high();
    }

    private void constant(int register, int value) {
        code.word(lui(register, value + 0x800 >>> 12));
        code.word(0x1b | register << 7 | register << 15 | value << 20);
    }

    /** Sets or clears bits, and reads what came of it. */
    private void fields(int csr, int a, int mask) {
        constant(a, mask);
        code.word((c.chance(2) ? 0x2073 : 0x3073) | register() << 7 | a << 15 | csr << 20);
        code.word(csrrs(register(), csr, 0));
    }

    /** Writes a value and takes it back. */
    private void swap(int csr, int a, int value) {
        constant(a, value);
        code.word(csrrw(a, csr, a));
        code.word(csrrw(register(), csr, a));
    }

    private void translation(int a) {
        int[] modes = {8, 9, 1, 5, 11, 15};
        int b = a == 16 ? 17 : a - 1;
        // Without the address space's number, whose width is free.
        code.word(0x1013 | a << 7 | register() << 15 | 20 << 20);
        code.word(0x5013 | a << 7 | a << 15 | 20 << 20);
        code.word(addi(b, 0, modes[c.below(modes.length)]));
        code.word(0x1013 | b << 7 | b << 15 | 60 << 20);
        code.word(0x6033 | a << 7 | a << 15 | b << 20);
        code.word(csrrw(a, Harness.SATP, a));
        code.word(csrrw(register(), Harness.SATP, a));
    }

    /** Gives a page of the zoo another frame and other permissions, fences, and uses the page. */
    private void changeTable() {
        int page = c.below(PageTables.ZOO_PAGES);
        long entry = PageTables.zooEntry(page);
        address(10, entry);
        int flags = c.below(1024) & 0x33f | 0xc0;
        constant(11, (int) (PageTables.ZOO_PHYSICAL >>> 2) + (c.below(PageTables.ZOO_PHYSICAL_PAGES) << 10) + flags);
        address(12, PageTables.ZOO + 4096L * page + 0xc00);
        int[] uses = {0x3083, 0x2083, 0x0010_3023, 0x0010_2023, 0x0010_30af};
        int use = uses[c.below(setting.guarded() ? 4 : 5)];
        if (c.chance(2)) {
            code.word(use | 12 << 15);
        }
        code.word(Assembler.sd(11, 0, 10));
        code.word(0x1200_0073 | (c.chance(2) ? 12 << 15 : 0));
        code.word(use | 12 << 15);
    }

    private void address(int register, long address) {
        int high = (int) (address + 0x800 >>> 12);
        code.word(lui(register, high));
        code.word(ADD_UW | register << 7 | register << 15);
        code.word(addi(register, register, (int) address));
    }
}
