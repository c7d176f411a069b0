package dev.cprkit.vmm.cpu.riscv;

import java.util.List;
import java.util.Optional;

/**
 * Shows an instruction of this hart as text, as QEMU's monitor does: the same mnemonics, aliases and columns, a compressed
 * instruction as the one that it stands for. What the hart does not have is {@code illegal}. Stateless.
 */
public final class Disassembler {
    private static final int COLUMN = 24;
    private static final String ILLEGAL = "illegal";
    private static final List<String> BRANCH = List.of("beq", "bne", "", "", "bgt", "ble", "bgtu", "bleu");
    private static final List<String> LOAD = List.of("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", "");
    private static final List<String> STORE = List.of("sb", "sh", "sw", "sd", "", "", "", "");
    private static final List<String> IMMEDIATE = List.of("addi", "", "slti", "sltiu", "xori", "", "ori", "andi");
    private static final List<String> REGISTER = List.of("add", "sll", "slt", "sltu", "xor", "srl", "or", "and");
    private static final List<String> REGISTER_W = List.of("addw", "sllw", "", "", "", "srlw", "", "");
    private static final List<String> MULTIPLY =
            List.of("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu");
    private static final List<String> MULTIPLY_W = List.of("mulw", "", "", "", "divw", "divuw", "remw", "remuw");
    private static final List<String> CSR = List.of("", "csrrw", "csrrs", "csrrc", "", "csrrwi", "csrrsi", "csrrci");
    private static final List<String> ROUNDING = List.of("rne", "rtz", "rdn", "rup", "rmm", "inv", "inv", "dyn");
    private static final List<String> FUSED = List.of("fmadd", "fmsub", "fnmsub", "fnmadd");
    private static final List<String> CONVERTED = List.of("w", "wu", "l", "lu");

    private Disassembler() {}

    /**
     * The mnemonic and its operands.
     *
     * @param bits the instruction, zero-extended if it is compressed
     * @param length in bytes, 2 or 4
     * @param address where it lies, for what is relative to it
     */
    public static String text(int bits, int length, long address) {
        int word = length == 2 ? Compressed.expand(bits & 0xffff) : bits;
        if (length == 2 && (word & 0xfe0ff07f) == 0x33 && rd(word) != 0) {
            return line("mv", x(rd(word)), x(rs2(word))); // c.mv; the same add as 32 bits keeps its name
        }
        return word == Compressed.ILLEGAL ? column(ILLEGAL) : decode(word, address);
    }

    private static String decode(int w, long address) {
        int f3 = w >>> 12 & 7;
        int immediate = w >> 20;
        return switch (w & 0x7f) {
            case 0x37 -> line("lui", x(rd(w)), w >> 12);
            case 0x17 -> relative("auipc", x(rd(w)) + "," + (w >> 12), address + (w & 0xfffff000));
            case 0x6f -> jump(w, address);
            case 0x67 -> f3 == 0 ? jumpRegister(w, immediate) : column(ILLEGAL);
            case 0x63 -> branch(w, f3, address);
            case 0x03 -> memory(LOAD.get(f3), x(rd(w)), immediate, rs1(w));
            case 0x23 -> memory(STORE.get(f3), x(rs2(w)), storeOffset(w), rs1(w));
            case 0x07 -> memory(f3 == 2 ? "flw" : f3 == 3 ? "fld" : "", f(rd(w)), immediate, rs1(w));
            case 0x27 -> memory(f3 == 2 ? "fsw" : f3 == 3 ? "fsd" : "", f(rs2(w)), storeOffset(w), rs1(w));
            case 0x13 -> immediate(w, f3, immediate);
            case 0x1b -> immediateWord(w, f3, immediate);
            case 0x33 -> registers(w, f3);
            case 0x3b -> registersWord(w, f3);
            case 0x2f -> atomic(w, f3);
            case 0x0f -> fence(w, f3);
            case 0x73 -> system(w, f3);
            case 0x43, 0x47, 0x4b, 0x4f -> fused(w, f3);
            case 0x53 -> floating(w, f3);
            default -> column(ILLEGAL);
        };
    }

    private static String jump(int w, long address) {
        int offset = (w >> 31 << 20) | (w & 0xff000) | (w >>> 9 & 0x800) | (w >>> 20 & 0x7fe);
        return rd(w) == 0
                ? relative("j", Integer.toString(offset), address + offset)
                : relative("jal", x(rd(w)) + "," + offset, address + offset);
    }

    private static String jumpRegister(int w, int offset) {
        if (rd(w) == 0 && offset == 0) {
            return rs1(w) == 1 ? column("ret") : line("jr", x(rs1(w)));
        }
        return line("jalr", x(rd(w)), x(rs1(w)), offset);
    }

    /** QEMU shows {@code blt} and {@code bge} the other way round, as the aliases with exchanged operands. */
    private static String branch(int w, int f3, long address) {
        int offset = (w >> 31 << 12) | (w << 4 & 0x800) | (w >>> 20 & 0x7e0) | (w >>> 7 & 0x1e);
        int a = rs1(w);
        int b = rs2(w);
        String mnemonic = BRANCH.get(f3);
        String operands = f3 < 4 ? x(a) + "," + x(b) : x(b) + "," + x(a);
        if (f3 < 2 && b == 0) {
            mnemonic += "z";
            operands = x(a);
        } else if (f3 == 4 || f3 == 5) {
            if (b == 0) {
                mnemonic = f3 == 4 ? "bltz" : "bgez";
                operands = x(a);
            } else if (a == 0) {
                mnemonic = f3 == 4 ? "bgtz" : "blez";
                operands = x(b);
            }
        }
        return mnemonic.isEmpty() ? column(ILLEGAL) : relative(mnemonic, operands + "," + offset, address + offset);
    }

    private static String immediate(int w, int f3, int immediate) {
        String d = x(rd(w));
        String a = x(rs1(w));
        int f6 = w >>> 26;
        int shift = w >>> 20 & 63;
        return switch (f3) {
            case 0 ->
                rd(w) == 0 && rs1(w) == 0 && immediate == 0
                        ? column("nop")
                        : immediate == 0 ? line("mv", d, a) : line("addi", d, a, immediate);
            case 3 -> immediate == 1 ? line("seqz", d, a) : line("sltiu", d, a, immediate);
            case 4 -> immediate == -1 ? line("not", d, a) : line("xori", d, a, immediate);
            case 1 ->
                switch (f6) {
                    case 0x00 -> line("slli", d, a, shift);
                    case 0x0a -> line("bseti", d, a, shift);
                    case 0x12 -> line("bclri", d, a, shift);
                    case 0x1a -> line("binvi", d, a, shift);
                    case 0x18 -> unary(List.of("clz", "ctz", "cpop", "", "sext.b", "sext.h"), shift, d, a);
                    default -> column(ILLEGAL);
                };
            case 5 ->
                switch (f6) {
                    case 0x00 -> line("srli", d, a, shift);
                    case 0x10 -> line("srai", d, a, shift);
                    case 0x12 -> line("bexti", d, a, shift);
                    case 0x18 -> line("rori", d, a, shift);
                    case 0x0a -> shift == 7 ? line("orc.b", d, a) : column(ILLEGAL);
                    case 0x1a -> shift == 0x38 ? line("rev8", d, a) : column(ILLEGAL);
                    default -> column(ILLEGAL);
                };
            default -> line(IMMEDIATE.get(f3), d, a, immediate);
        };
    }

    private static String immediateWord(int w, int f3, int immediate) {
        String d = x(rd(w));
        String a = x(rs1(w));
        int f7 = w >>> 25;
        int shift = w >>> 20 & 31;
        if (f3 == 0) {
            return immediate == 0 ? line("sext.w", d, a) : line("addiw", d, a, immediate);
        }
        if (f3 == 1) {
            return switch (f7) {
                case 0x00 -> line("slliw", d, a, shift);
                case 0x04, 0x05 -> line("slli.uw", d, a, w >>> 20 & 63);
                case 0x30 -> unary(List.of("clzw", "ctzw", "cpopw"), shift, d, a);
                default -> column(ILLEGAL);
            };
        }
        String mnemonic = f3 != 5 ? "" : f7 == 0 ? "srliw" : f7 == 0x20 ? "sraiw" : f7 == 0x30 ? "roriw" : "";
        return mnemonic.isEmpty() ? column(ILLEGAL) : line(mnemonic, d, a, shift);
    }

    private static String unary(List<String> mnemonics, int which, String d, String a) {
        return which < mnemonics.size() && !mnemonics.get(which).isEmpty()
                ? line(mnemonics.get(which), d, a)
                : column(ILLEGAL);
    }

    private static String registers(int w, int f3) {
        String d = x(rd(w));
        String a = x(rs1(w));
        String b = x(rs2(w));
        String mnemonic =
                switch (w >>> 25) {
                    case 0x00 -> REGISTER.get(f3);
                    case 0x01 -> MULTIPLY.get(f3);
                    case 0x20 -> at(f3, "sub", "", "", "", "xnor", "sra", "orn", "andn");
                    case 0x05 -> at(f3, "", "", "", "", "min", "minu", "max", "maxu");
                    case 0x10 -> at(f3, "", "", "sh1add", "", "sh2add", "", "sh3add", "");
                    case 0x14 -> at(f3, "", "bset", "", "", "", "", "", "");
                    case 0x24 -> at(f3, "", "bclr", "", "", "", "bext", "", "");
                    case 0x30 -> at(f3, "", "rol", "", "", "", "ror", "", "");
                    case 0x34 -> at(f3, "", "binv", "", "", "", "", "", "");
                    default -> "";
                };
        if (mnemonic.equals("sub") && rs1(w) == 0) {
            return line("neg", d, b);
        }
        if (mnemonic.equals("slt") && rs2(w) == 0) {
            return line("sltz", d, a);
        }
        if (mnemonic.equals("slt") && rs1(w) == 0) {
            return line("sgtz", d, b);
        }
        if (mnemonic.equals("sltu") && rs1(w) == 0) {
            return line("snez", d, b);
        }
        return mnemonic.isEmpty() ? column(ILLEGAL) : line(mnemonic, d, a, b);
    }

    private static String registersWord(int w, int f3) {
        String d = x(rd(w));
        String a = x(rs1(w));
        String b = x(rs2(w));
        String mnemonic =
                switch (w >>> 25) {
                    case 0x00 -> REGISTER_W.get(f3);
                    case 0x01 -> MULTIPLY_W.get(f3);
                    case 0x20 -> at(f3, "subw", "", "", "", "", "sraw", "", "");
                    case 0x04 -> at(f3, "add.uw", "", "", "", rs2(w) == 0 ? "zext.h" : "", "", "", "");
                    case 0x10 -> at(f3, "", "", "sh1add.uw", "", "sh2add.uw", "", "sh3add.uw", "");
                    case 0x30 -> at(f3, "", "rolw", "", "", "", "rorw", "", "");
                    default -> "";
                };
        if (mnemonic.equals("subw") && rs1(w) == 0) {
            return line("negw", d, b);
        }
        if (mnemonic.equals("zext.h")) {
            return line(mnemonic, d, a);
        }
        return mnemonic.isEmpty() ? column(ILLEGAL) : line(mnemonic, d, a, b);
    }

    private static String at(int index, String... mnemonics) {
        return mnemonics[index];
    }

    private static String atomic(int w, int f3) {
        String mnemonic =
                switch (w >>> 27) {
                    case 0x02 -> rs2(w) == 0 ? "lr" : "";
                    case 0x03 -> "sc";
                    case 0x00 -> "amoadd";
                    case 0x01 -> "amoswap";
                    case 0x04 -> "amoxor";
                    case 0x08 -> "amoor";
                    case 0x0c -> "amoand";
                    case 0x10 -> "amomin";
                    case 0x14 -> "amomax";
                    case 0x18 -> "amominu";
                    case 0x1c -> "amomaxu";
                    default -> "";
                };
        if (mnemonic.isEmpty() || f3 != 2 && f3 != 3) {
            return column(ILLEGAL);
        }
        String order = ((w >>> 26 & 1) != 0 ? ".aq" : "") + ((w >>> 25 & 1) != 0 ? ".rl" : "");
        String name = mnemonic + (f3 == 2 ? ".w" : ".d") + order;
        String at = "(" + x(rs1(w)) + ")";
        return mnemonic.equals("lr") ? line(name, x(rd(w)), at) : line(name, x(rd(w)), x(rs2(w)), at);
    }

    private static String fence(int w, int f3) {
        if (f3 == 1) {
            return column("fence.i");
        }
        return f3 == 0 ? line("fence", ordered(w >>> 24 & 15), ordered(w >>> 20 & 15)) : column(ILLEGAL);
    }

    private static String ordered(int bits) {
        return ((bits & 8) != 0 ? "i" : "")
                + ((bits & 4) != 0 ? "o" : "")
                + ((bits & 2) != 0 ? "r" : "")
                + ((bits & 1) != 0 ? "w" : "");
    }

    private static String system(int w, int f3) {
        int number = w >>> 20;
        if (f3 == 0) {
            if (w >>> 25 == 0x09 && rd(w) == 0) {
                return line("sfence.vma", x(rs1(w)), x(rs2(w)));
            }
            return switch (w) {
                case 0x00000073 -> column("ecall");
                case 0x00100073 -> column("ebreak");
                case 0x10200073 -> column("sret");
                case 0x30200073 -> column("mret");
                case 0x10500073 -> column("wfi");
                default -> column(ILLEGAL);
            };
        }
        if (f3 == 4) {
            return column(ILLEGAL);
        }
        String d = x(rd(w));
        Optional<String> alias = floatStatus(w, f3, number);
        if (alias.isPresent()) {
            return alias.get();
        }
        if (f3 == 2 && rs1(w) == 0 && number >= Csr.CYCLE && number <= Csr.INSTRET) {
            return line(number == Csr.CYCLE ? "rdcycle" : number == Csr.TIME ? "rdtime" : "rdinstret", d);
        }
        String csr = RegisterDump.csrName(number).orElse("0x" + Integer.toHexString(number));
        return f3 < 4 ? line(CSR.get(f3), d, csr, x(rs1(w))) : line(CSR.get(f3), d, csr, rs1(w));
    }

    /** The aliases for the floating-point status registers: {@code frrm}, {@code fsflagsi}. */
    private static Optional<String> floatStatus(int w, int f3, int number) {
        String name = number == Csr.FFLAGS ? "flags" : number == Csr.FRM ? "rm" : number == Csr.FCSR ? "csr" : "";
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String d = x(rd(w));
        return switch (f3) {
            case 1 -> Optional.of(line("fs" + name, d, x(rs1(w))));
            case 2 -> rs1(w) == 0 ? Optional.of(line("fr" + name, d)) : Optional.empty();
            case 5 -> number == Csr.FCSR ? Optional.empty() : Optional.of(line("fs" + name + "i", d, rs1(w)));
            default -> Optional.empty();
        };
    }

    private static String fused(int w, int f3) {
        int format = w >>> 25 & 3;
        if (format > 1) {
            return column(ILLEGAL);
        }
        String mnemonic = FUSED.get(w >>> 2 & 3) + (format == 0 ? ".s" : ".d");
        return line(mnemonic, ROUNDING.get(f3), f(rd(w)), f(rs1(w)), f(rs2(w)), f(w >>> 27));
    }

    private static String floating(int w, int f3) {
        int format = w >>> 25 & 3;
        if (format > 1) {
            return column(ILLEGAL);
        }
        String suffix = format == 0 ? ".s" : ".d";
        String rounding = ROUNDING.get(f3);
        String fd = f(rd(w));
        String fa = f(rs1(w));
        String fb = f(rs2(w));
        String converted = rs2(w) < 4 ? CONVERTED.get(rs2(w)) : "";
        return switch (w >>> 27) {
            case 0x00 -> line("fadd" + suffix, rounding, fd, fa, fb);
            case 0x01 -> line("fsub" + suffix, rounding, fd, fa, fb);
            case 0x02 -> line("fmul" + suffix, rounding, fd, fa, fb);
            case 0x03 -> line("fdiv" + suffix, rounding, fd, fa, fb);
            case 0x0b -> rs2(w) == 0 ? line("fsqrt" + suffix, rounding, fd, fa) : column(ILLEGAL);
            case 0x04 -> named(at(f3, "fsgnj", "fsgnjn", "fsgnjx", "", "", "", "", ""), suffix, fd, fa, fb);
            case 0x05 -> named(at(f3, "fmin", "fmax", "", "", "", "", "", ""), suffix, fd, fa, fb);
            case 0x14 -> named(at(f3, "fle", "flt", "feq", "", "", "", "", ""), suffix, x(rd(w)), fa, fb);
            case 0x08 ->
                rs2(w) == 1 - format
                        ? line("fcvt" + suffix + (format == 0 ? ".d" : ".s"), rounding, fd, fa)
                        : column(ILLEGAL);
            case 0x18 -> named(converted.isEmpty() ? "" : "fcvt." + converted, suffix, rounding, x(rd(w)), fa);
            case 0x1a ->
                converted.isEmpty()
                        ? column(ILLEGAL)
                        : line("fcvt" + suffix + "." + converted, rounding, fd, x(rs1(w)));
            case 0x1c -> {
                boolean valid = rs2(w) == 0 && f3 < 2;
                yield valid ? line((f3 == 0 ? "fmv.x" : "fclass") + suffix, x(rd(w)), fa) : column(ILLEGAL);
            }
            case 0x1e -> rs2(w) == 0 && f3 == 0 ? line("fmv" + suffix + ".x", fd, x(rs1(w))) : column(ILLEGAL);
            default -> column(ILLEGAL);
        };
    }

    private static String named(String mnemonic, String suffix, Object... operands) {
        return mnemonic.isEmpty() ? column(ILLEGAL) : line(mnemonic + suffix, operands);
    }

    private static String memory(String mnemonic, String register, int offset, int base) {
        return mnemonic.isEmpty() ? column(ILLEGAL) : line(mnemonic, register, offset + "(" + x(base) + ")");
    }

    private static String line(String mnemonic, Object... operands) {
        StringBuilder text = new StringBuilder(column(mnemonic));
        for (int i = 0; i < operands.length; i++) {
            text.append(i == 0 ? "" : ",").append(operands[i]);
        }
        return text.toString();
    }

    private static String relative(String mnemonic, String operands, long target) {
        return column(mnemonic) + column(operands) + "# 0x" + Long.toHexString(target);
    }

    private static String column(String text) {
        return text + " ".repeat(Math.max(0, COLUMN - text.length()));
    }

    private static int rd(int w) {
        return w >>> 7 & 31;
    }

    private static int rs1(int w) {
        return w >>> 15 & 31;
    }

    private static int rs2(int w) {
        return w >>> 20 & 31;
    }

    private static int storeOffset(int w) {
        return (w >> 25 << 5) | (w >>> 7 & 31);
    }

    private static String x(int number) {
        return RegisterDump.integerName(number);
    }

    private static String f(int number) {
        return RegisterDump.floatName(number);
    }
}
