package dev.cprkit.vmm.cpu.riscv;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A hart's registers as QEMU's monitor shows them, and by the names its expressions know. For a hart that stands still. */
public final class RegisterDump {
    private static final String[] INTEGER = {
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
        "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"
    };
    private static final String[] FLOAT = {
        "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
        "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10",
        "ft11"
    };

    /** A control and status register's name and number. */
    private record Named(String name, int number) {}

    private static final List<Named> FLOAT_STATUS =
            List.of(new Named("fflags", Csr.FFLAGS), new Named("frm", Csr.FRM), new Named("fcsr", Csr.FCSR));

    private RegisterDump() {}

    /** The lines of {@code info registers}, without the one that names the CPU. */
    public static List<String> lines(RiscvHart hart) {
        List<String> lines = new ArrayList<>();
        lines.add(" priv          " + privilege(hart));
        lines.add(line("pc", hart.pc()));
        for (Named csr : csrs()) {
            lines.add(line(csr.name(), hart.csr(csr.number())));
        }
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            row.append(' ')
                    .append(pad("x" + i + "/" + INTEGER[i], 8))
                    .append(' ')
                    .append(hex(hart.x(i)));
            endOfRow(row, i, lines);
        }
        for (Named csr : FLOAT_STATUS) {
            lines.add(line(csr.name(), hart.csr(csr.number())));
        }
        for (int i = 0; i < 32; i++) {
            row.append(' ').append(pad("f" + i + "/" + FLOAT[i], 8)).append(' ').append(hex(hart.f(i)));
            endOfRow(row, i, lines);
        }
        return lines;
    }

    /** The register of that name: {@code pc}, {@code priv}, {@code a0}, {@code fa0}, {@code mstatus}. */
    public static OptionalLong named(RiscvHart hart, String name) {
        if (name.equals("pc")) {
            return OptionalLong.of(hart.pc());
        }
        if (name.equals("priv")) {
            return OptionalLong.of(hart.mode());
        }
        for (int i = 0; i < 32; i++) {
            if (name.equals(INTEGER[i])) {
                return OptionalLong.of(hart.x(i));
            }
            if (name.equals(FLOAT[i])) {
                return OptionalLong.of(hart.f(i));
            }
        }
        for (List<Named> all : List.of(csrs(), FLOAT_STATUS)) {
            for (Named csr : all) {
                if (name.equals(csr.name())) {
                    return OptionalLong.of(hart.csr(csr.number()));
                }
            }
        }
        return OptionalLong.empty();
    }

    /** The name of a control and status register that the hart has. */
    static Optional<String> csrName(int number) {
        for (List<Named> all : List.of(csrs(), FLOAT_STATUS)) {
            for (Named csr : all) {
                if (csr.number() == number) {
                    return Optional.of(csr.name());
                }
            }
        }
        return Optional.empty();
    }

    static String integerName(int number) {
        return INTEGER[number];
    }

    static String floatName(int number) {
        return FLOAT[number];
    }

    private static String privilege(RiscvHart hart) {
        return switch (hart.mode()) {
            case RiscvHart.USER -> "U";
            case RiscvHart.SUPERVISOR -> "S";
            default -> "M";
        };
    }

    /** Those that the hart has, by number. */
    private static List<Named> csrs() {
        List<Named> list = new ArrayList<>();
        list.add(new Named("sstatus", Csr.SSTATUS));
        list.add(new Named("sie", Csr.SIE));
        list.add(new Named("stvec", Csr.STVEC));
        list.add(new Named("scounteren", Csr.SCOUNTEREN));
        list.add(new Named("senvcfg", Csr.SENVCFG));
        list.add(new Named("sscratch", Csr.SSCRATCH));
        list.add(new Named("sepc", Csr.SEPC));
        list.add(new Named("scause", Csr.SCAUSE));
        list.add(new Named("stval", Csr.STVAL));
        list.add(new Named("sip", Csr.SIP));
        list.add(new Named("stimecmp", Csr.STIMECMP));
        list.add(new Named("satp", Csr.SATP));
        list.add(new Named("mstatus", Csr.MSTATUS));
        list.add(new Named("misa", Csr.MISA));
        list.add(new Named("medeleg", Csr.MEDELEG));
        list.add(new Named("mideleg", Csr.MIDELEG));
        list.add(new Named("mie", Csr.MIE));
        list.add(new Named("mtvec", Csr.MTVEC));
        list.add(new Named("mcounteren", Csr.MCOUNTEREN));
        list.add(new Named("menvcfg", Csr.MENVCFG));
        list.add(new Named("mcountinhibit", Csr.MCOUNTINHIBIT));
        for (int i = 3; i < 32; i++) {
            list.add(new Named("mhpmevent" + i, Csr.MHPMEVENT3 + i - 3));
        }
        list.add(new Named("mscratch", Csr.MSCRATCH));
        list.add(new Named("mepc", Csr.MEPC));
        list.add(new Named("mcause", Csr.MCAUSE));
        list.add(new Named("mtval", Csr.MTVAL));
        list.add(new Named("mip", Csr.MIP));
        list.add(new Named("pmpcfg0", Csr.PMPCFG0));
        list.add(new Named("pmpcfg2", Csr.PMPCFG2));
        for (int i = 0; i < Pmp.ENTRIES; i++) {
            list.add(new Named("pmpaddr" + i, Csr.PMPADDR0 + i));
        }
        list.add(new Named("tselect", Csr.TSELECT));
        list.add(new Named("tdata1", Csr.TSELECT + 1));
        list.add(new Named("tdata2", Csr.TSELECT + 2));
        list.add(new Named("tdata3", Csr.TDATA3));
        list.add(new Named("tinfo", Csr.TINFO));
        list.add(new Named("mcycle", Csr.MCYCLE));
        list.add(new Named("minstret", Csr.MINSTRET));
        for (int i = 3; i < 32; i++) {
            list.add(new Named("mhpmcounter" + i, Csr.MHPMCOUNTER3 + i - 3));
        }
        list.add(new Named("cycle", Csr.CYCLE));
        list.add(new Named("time", Csr.TIME));
        list.add(new Named("instret", Csr.INSTRET));
        for (int i = 3; i < 32; i++) {
            list.add(new Named("hpmcounter" + i, Csr.HPMCOUNTER3 + i - 3));
        }
        list.add(new Named("mvendorid", Csr.MVENDORID));
        list.add(new Named("marchid", Csr.MARCHID));
        list.add(new Named("mimpid", Csr.MIMPID));
        list.add(new Named("mhartid", Csr.MHARTID));
        list.add(new Named("mconfigptr", Csr.MCONFIGPTR));
        return list;
    }

    private static void endOfRow(StringBuilder row, int index, List<String> lines) {
        if (index % 4 == 3) {
            lines.add(row.toString());
            row.setLength(0);
        }
    }

    private static String line(String name, long value) {
        return " " + pad(name, 13) + " " + hex(value);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String hex(long value) {
        String digits = Long.toHexString(value);
        return "0".repeat(16 - digits.length()) + digits;
    }
}
