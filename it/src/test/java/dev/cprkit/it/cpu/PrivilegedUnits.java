package dev.cprkit.it.cpu;

import static dev.cprkit.it.cpu.Assembler.addi;
import static dev.cprkit.it.cpu.Assembler.csrrs;
import static dev.cprkit.it.cpu.Assembler.csrrw;
import static dev.cprkit.it.cpu.Assembler.lui;

import java.util.SplittableRandom;

/**
 * Units of code that change privileged state: fields of status registers, interrupts made pending, registers written and
 * read back, page tables changed under {@code sfence.vma}. Only values whose effect the privileged manual prescribes, or
 * on which implementations agree; what would take the harness its ground is put back in the next instruction.
 */
final class PrivilegedUnits {
    private static final int MISA = 0x301;
    private static final int ADD_UW = 0x0800_003b;

    private final SplittableRandom random;
    private final Code code;
    private final int mode;
    private final boolean old;
    private final boolean external;
    private final boolean guarded;
    private final boolean fences;

    /**
     * @param mode the one the code starts in: only machine and supervisor have something to change
     * @param old for QEMU before 8.0: leaves MPRV and MPP alone
     * @param external whether the external interrupt is pending: QEMU would take another before it
     * @param guarded whether PMP guards pages: QEMU mixes up which fault of an AMO comes first
     * @param fences whether {@code sfence.vma} works in supervisor mode, without which a change may be seen or not
     */
    PrivilegedUnits(
            SplittableRandom random,
            Code code,
            int mode,
            boolean old,
            boolean external,
            boolean guarded,
            boolean fences) {
        this.random = random;
        this.code = code;
        this.mode = mode;
        this.old = old;
        this.external = external;
        this.guarded = guarded;
        this.fences = fences;
    }

    void write() {
        if (mode == 3) {
            machine();
        } else {
            supervisor();
        }
    }

    private void machine() {
        int a = register();
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> fields(Harness.MSTATUS, a, machineFields());
            case 3 -> fields(Harness.MIE, a, random.nextInt() & 0xa2a);
            case 4 -> {
                constant(a, random.nextInt() & (random.nextBoolean() ? 0x200 : 0x22));
                code.word(csrrw(register(), Harness.MIP, a));
                code.word(csrrs(register(), Harness.MIP, 0));
            }
            case 5 -> swap(Harness.MIDELEG, a, random.nextInt() & 0x222);
            case 6 -> swap(Harness.MEDELEG, a, random.nextInt() & 0xb3ff);
            case 7 -> translation(a);
            case 8 -> {
                // Not 10: code stands on it. 8, 9 and 11 are locked.
                int entry = random.nextInt(11);
                int csr = Harness.PMPADDR0 + (entry == 10 ? 11 : entry);
                code.word(0x5013 | a << 7 | register() << 15 | 10 << 20);
                code.word(csrrw(a, csr, a));
                code.word(csrrw(register(), csr, a));
            }
            case 9 -> {
                int csr = random.nextBoolean() ? Harness.MTVEC : Harness.STVEC;
                code.word(0x7013 | a << 7 | register() << 15 | -3 << 20);
                code.word(csrrw(a, csr, a));
                code.word(csrrw(register(), csr, a));
            }
            case 10 -> {
                int csr = random.nextInt(3);
                code.word(0x7013 | a << 7 | register() << 15 | (csr == 0 ? 15 : -2) << 20);
                csr = csr == 0 ? Harness.MCAUSE : csr == 1 ? Harness.MTVAL : Harness.MEPC;
                code.word(csrrw(0, csr, a));
                code.word(csrrs(register(), csr, 0));
            }
            default -> {
                // B may be told or not.
                code.word(csrrs(a, MISA, 0));
                code.word(0x7013 | a << 7 | a << 15 | -3 << 20);
                code.word(0x5073 | register() << 7 | random.nextInt(8) << 15 | Harness.MCOUNTEREN << 20);
                code.word(0x5073 | register() << 7 | Harness.MCOUNTEREN << 20);
            }
        }
    }

    private int machineFields() {
        int fields = random.nextInt() & (old ? 0x7c_01aa : 0x7e_09aa);
        return random.nextInt(8) == 0 ? fields | 0x6000 : fields;
    }

    private void supervisor() {
        int a = register();
        switch (random.nextInt(fences ? 8 : 6)) {
            case 0, 1 ->
                fields(Harness.SSTATUS, a, random.nextInt() & 0xc_0122 | (random.nextInt(8) == 0 ? 0x6000 : 0));
            case 2 -> fields(Harness.SIE, a, random.nextInt() & 0x222);
            case 3 -> fields(Harness.SIP, a, external ? 0 : 2);
            case 4 -> {
                code.word(0x7013 | a << 7 | register() << 15 | -3 << 20);
                code.word(csrrw(a, Harness.STVEC, a));
                code.word(csrrw(register(), Harness.STVEC, a));
            }
            case 5 -> {
                // A mode that there is not: nothing is written.
                code.word(addi(a, 0, random.nextInt(1, 8)));
                code.word(0x1013 | a << 7 | a << 15 | 60 << 20);
                code.word(csrrw(register(), Harness.SATP, a));
            }
            default -> changeTable();
        }
    }

    private int register() {
        return random.nextInt(16, 32);
    }

    private void constant(int register, int value) {
        code.word(lui(register, value + 0x800 >>> 12));
        code.word(0x1b | register << 7 | register << 15 | value << 20);
    }

    /** Sets or clears bits, and reads what came of it. */
    private void fields(int csr, int a, int mask) {
        constant(a, mask);
        code.word((random.nextBoolean() ? 0x2073 : 0x3073) | register() << 7 | a << 15 | csr << 20);
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
        code.word(addi(b, 0, modes[random.nextInt(modes.length)]));
        code.word(0x1013 | b << 7 | b << 15 | 60 << 20);
        code.word(0x6033 | a << 7 | a << 15 | b << 20);
        code.word(csrrw(a, Harness.SATP, a));
        code.word(csrrw(register(), Harness.SATP, a));
    }

    /** Gives a page of the zoo another frame and other permissions, fences, and uses the page. */
    private void changeTable() {
        int page = random.nextInt(PageTables.ZOO_PAGES);
        long entry = PageTables.zooEntry(page);
        address(10, entry);
        int flags = random.nextInt(1024) & 0x33f | 0xc0;
        constant(
                11,
                (int) (PageTables.ZOO_PHYSICAL >>> 2) + (random.nextInt(PageTables.ZOO_PHYSICAL_PAGES) << 10) + flags);
        address(12, PageTables.ZOO + 4096L * page + 0xc00);
        int[] uses = {0x3083, 0x2083, 0x0010_3023, 0x0010_2023, 0x0010_30af};
        int use = uses[random.nextInt(guarded ? 4 : 5)];
        if (random.nextBoolean()) {
            code.word(use | 12 << 15);
        }
        code.word(Assembler.sd(11, 0, 10));
        code.word(0x1200_0073 | (random.nextBoolean() ? 12 << 15 : 0));
        code.word(use | 12 << 15);
    }

    private void address(int register, long address) {
        int high = (int) (address + 0x800 >>> 12);
        code.word(lui(register, high));
        code.word(ADD_UW | register << 7 | register << 15);
        code.word(addi(register, register, (int) address));
    }
}
