package dev.cprkit.it.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Every instruction of RV64IMAFDC with Zicsr, Zifencei, Zba, Zbb and Zbs and the privileged ones, as the opcode tables of
 * the RISC-V manuals have them: which bits are fixed and where operands lie. Written for the tests alone, so that a slip
 * in the decoder under test has no twin here.
 */
final class InstructionSet {
    /** One instruction: the fixed bits and how the rest is filled. */
    record Instruction(String name, Opcode opcode, int match) {}

    private static final String TABLE = """
        lui U 37
        auipc U 17
        jal JAL 6f
        jalr JALR 67
        beq BRANCH 63
        bne BRANCH 1063
        blt BRANCH 4063
        bge BRANCH 5063
        bltu BRANCH 6063
        bgeu BRANCH 7063
        lb LOAD 3
        lh LOAD 1003
        lw LOAD 2003
        ld LOAD 3003
        lbu LOAD 4003
        lhu LOAD 5003
        lwu LOAD 6003
        sb STORE 23
        sh STORE 1023
        sw STORE 2023
        sd STORE 3023
        addi I 13
        slti I 2013
        sltiu I 3013
        xori I 4013
        ori I 6013
        andi I 7013
        slli SHIFT6 1013
        srli SHIFT6 5013
        srai SHIFT6 40005013
        add R 33
        sub R 40000033
        sll R 1033
        slt R 2033
        sltu R 3033
        xor R 4033
        srl R 5033
        sra R 40005033
        or R 6033
        and R 7033
        addiw I 1b
        slliw SHIFT5 101b
        srliw SHIFT5 501b
        sraiw SHIFT5 4000501b
        addw R 3b
        subw R 4000003b
        sllw R 103b
        srlw R 503b
        sraw R 4000503b
        fence WHOLE ff0000f
        fence.tso WHOLE 8330000f
        fence.i WHOLE 100f
        ecall WHOLE 73
        ebreak WHOLE 100073
        csrrw CSR 1073
        csrrs CSR 2073
        csrrc CSR 3073
        csrrwi CSR_IMMEDIATE 5073
        csrrsi CSR_IMMEDIATE 6073
        csrrci CSR_IMMEDIATE 7073
        mul R 2000033
        mulh R 2001033
        mulhsu R 2002033
        mulhu R 2003033
        div R 2004033
        divu R 2005033
        rem R 2006033
        remu R 2007033
        mulw R 200003b
        divw R 200403b
        divuw R 200503b
        remw R 200603b
        remuw R 200703b
        lr.w LR 1000202f
        lr.d LR 1000302f
        sc.w SC 1800202f
        sc.d SC 1800302f
        amoswap.w AMO 800202f
        amoadd.w AMO 202f
        amoxor.w AMO 2000202f
        amoand.w AMO 6000202f
        amoor.w AMO 4000202f
        amomin.w AMO 8000202f
        amomax.w AMO a000202f
        amominu.w AMO c000202f
        amomaxu.w AMO e000202f
        amoswap.d AMO 800302f
        amoadd.d AMO 302f
        amoxor.d AMO 2000302f
        amoand.d AMO 6000302f
        amoor.d AMO 4000302f
        amomin.d AMO 8000302f
        amomax.d AMO a000302f
        amominu.d AMO c000302f
        amomaxu.d AMO e000302f
        flw FLOAD 2007
        fld FLOAD 3007
        fsw FSTORE 2027
        fsd FSTORE 3027
        fmadd.s F_R4 43
        fmsub.s F_R4 47
        fnmsub.s F_R4 4b
        fnmadd.s F_R4 4f
        fmadd.d F_R4 2000043
        fmsub.d F_R4 2000047
        fnmsub.d F_R4 200004b
        fnmadd.d F_R4 200004f
        fadd.s F_R 53
        fsub.s F_R 8000053
        fmul.s F_R 10000053
        fdiv.s F_R 18000053
        fadd.d F_R 2000053
        fsub.d F_R a000053
        fmul.d F_R 12000053
        fdiv.d F_R 1a000053
        fsqrt.s F_UNARY 58000053
        fsqrt.d F_UNARY 5a000053
        fsgnj.s F_R_EXACT 20000053
        fsgnjn.s F_R_EXACT 20001053
        fsgnjx.s F_R_EXACT 20002053
        fmin.s F_R_EXACT 28000053
        fmax.s F_R_EXACT 28001053
        fsgnj.d F_R_EXACT 22000053
        fsgnjn.d F_R_EXACT 22001053
        fsgnjx.d F_R_EXACT 22002053
        fmin.d F_R_EXACT 2a000053
        fmax.d F_R_EXACT 2a001053
        feq.s F_COMPARE a0002053
        flt.s F_COMPARE a0001053
        fle.s F_COMPARE a0000053
        feq.d F_COMPARE a2002053
        flt.d F_COMPARE a2001053
        fle.d F_COMPARE a2000053
        fclass.s F_TO_X e0001053
        fclass.d F_TO_X e2001053
        fmv.x.w F_TO_X e0000053
        fmv.x.d F_TO_X e2000053
        fmv.w.x X_TO_F f0000053
        fmv.d.x X_TO_F f2000053
        fcvt.w.s F_TO_X_ROUNDED c0000053
        fcvt.wu.s F_TO_X_ROUNDED c0100053
        fcvt.l.s F_TO_X_ROUNDED c0200053
        fcvt.lu.s F_TO_X_ROUNDED c0300053
        fcvt.w.d F_TO_X_ROUNDED c2000053
        fcvt.wu.d F_TO_X_ROUNDED c2100053
        fcvt.l.d F_TO_X_ROUNDED c2200053
        fcvt.lu.d F_TO_X_ROUNDED c2300053
        fcvt.s.w X_TO_F_ROUNDED d0000053
        fcvt.s.wu X_TO_F_ROUNDED d0100053
        fcvt.s.l X_TO_F_ROUNDED d0200053
        fcvt.s.lu X_TO_F_ROUNDED d0300053
        fcvt.d.w X_TO_F_ROUNDED d2000053
        fcvt.d.wu X_TO_F_ROUNDED d2100053
        fcvt.d.l X_TO_F_ROUNDED d2200053
        fcvt.d.lu X_TO_F_ROUNDED d2300053
        fcvt.s.d F_UNARY 40100053
        fcvt.d.s F_UNARY 42000053
        add.uw R 800003b
        sh1add R 20002033
        sh2add R 20004033
        sh3add R 20006033
        sh1add.uw R 2000203b
        sh2add.uw R 2000403b
        sh3add.uw R 2000603b
        slli.uw SHIFT6 800101b
        andn R 40007033
        orn R 40006033
        xnor R 40004033
        clz UNARY 60001013
        ctz UNARY 60101013
        cpop UNARY 60201013
        clzw UNARY 6000101b
        ctzw UNARY 6010101b
        cpopw UNARY 6020101b
        max R a006033
        maxu R a007033
        min R a004033
        minu R a005033
        sext.b UNARY 60401013
        sext.h UNARY 60501013
        zext.h UNARY 800403b
        rol R 60001033
        rolw R 6000103b
        ror R 60005033
        rorw R 6000503b
        rori SHIFT6 60005013
        roriw SHIFT5 6000501b
        orc.b UNARY 28705013
        rev8 UNARY 6b805013
        bclr R 48001033
        bclri SHIFT6 48001013
        bext R 48005033
        bexti SHIFT6 48005013
        binv R 68001033
        binvi SHIFT6 68001013
        bset R 28001033
        bseti SHIFT6 28001013
        sret WHOLE 10200073
        mret WHOLE 30200073
        wfi WHOLE 10500073
        sfence.vma SFENCE 12000073
        c.addi4spn C_ADDI4SPN 0
        c.fld C_FLD 2000
        c.lw C_LW 4000
        c.ld C_LD 6000
        c.fsd C_FSD a000
        c.sw C_SW c000
        c.sd C_SD e000
        c.addi C_CI 1
        c.addiw C_CI 2001
        c.li C_CI 4001
        c.addi16sp C_ADDI16SP 6101
        c.lui C_LUI 6001
        c.srli C_CB_IMMEDIATE 8001
        c.srai C_CB_IMMEDIATE 8401
        c.andi C_CB_IMMEDIATE 8801
        c.sub C_CA 8c01
        c.xor C_CA 8c21
        c.or C_CA 8c41
        c.and C_CA 8c61
        c.subw C_CA 9c01
        c.addw C_CA 9c21
        c.j C_J a001
        c.beqz C_BRANCH c001
        c.bnez C_BRANCH e001
        c.slli C_CI 2
        c.fldsp C_FLDSP 2002
        c.lwsp C_LWSP 4002
        c.ldsp C_LDSP 6002
        c.jr C_JR 8002
        c.mv C_CR 8002
        c.jalr C_JALR 9002
        c.add C_CR 9002
        c.fsdsp C_FSDSP a002
        c.swsp C_SWSP c002
        c.sdsp C_SDSP e002
        """;

    private static final List<Instruction> ALL = parse();

    private InstructionSet() {}

    static List<Instruction> all() {
        return ALL;
    }

    private static List<Instruction> parse() {
        List<Instruction> all = new ArrayList<>();
        for (String line : TABLE.split("\n")) {
            String[] fields = line.strip().split(" ");
            all.add(new Instruction(fields[0], Opcode.valueOf(fields[1]), Integer.parseUnsignedInt(fields[2], 16)));
        }
        return List.copyOf(all);
    }

    /** The bits of a 32-bit instruction that its operands never change. */
    private static int mask(Instruction i) {
        return switch (i.opcode) {
            case R, F_R_EXACT, F_COMPARE -> 0xfe00_707f;
            case SC, AMO -> 0xf800_707f;
            case LR -> 0xf9f0_707f;
            case UNARY, F_TO_X, X_TO_F -> 0xfff0_707f;
            case SHIFT6 -> 0xfc00_707f;
            case SHIFT5 -> 0xfe00_707f;
            case U, JAL -> 0x7f;
            case I, JALR, BRANCH, LOAD, STORE, FLOAD, FSTORE, CSR, CSR_IMMEDIATE -> 0x707f;
            case F_R -> 0xfe00_007f;
            case F_R4 -> 0x0600_007f;
            case F_UNARY, F_TO_X_ROUNDED, X_TO_F_ROUNDED -> 0xfff0_007f;
            case SFENCE -> 0xfe00_7fff;
            case WHOLE -> -1;
            default -> throw new IllegalArgumentException(i + " is compressed");
        };
    }

    /** Whether a 32-bit word is none of the instructions; what opcodes SYSTEM and MISC-MEM hold is not told. */
    static boolean illegal(int word) {
        int major = word & 0x7f;
        if ((word & 3) != 3 || major == 0x73 || major == 0x0f) {
            return false;
        }
        for (Instruction i : ALL) {
            if (!i.opcode.compressed() && (word & mask(i)) == i.match) {
                return false;
            }
        }
        return true;
    }

    /** The name of the instruction that a word is, for reports; compressed ones are told by their first halfword. */
    static String name(int word) {
        if ((word & 3) != 3) {
            return "c:%04x".formatted(word & 0xffff);
        }
        for (Instruction i : ALL) {
            if (!i.opcode.compressed() && (word & mask(i)) == i.match) {
                return "%s rd=%d rs1=%d rs2=%d f3=%d"
                        .formatted(i.name, word >>> 7 & 31, word >>> 15 & 31, word >>> 20 & 31, word >>> 12 & 7);
            }
        }
        return "?";
    }
}
