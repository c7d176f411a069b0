package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Encodings that look like instructions but are not. */
class DecoderTest {
    private static final int[] ILLEGAL = {
        0x00000000,
        0xffffffff,
        0x0000705b, // custom-2
        0x0003_7003 | 7 << 12, // load of width 7
        0x00004023, // store of width 4
        0x00002063, // branch with funct3 2
        0x00001067, // jalr with funct3 1
        0x0000202f | 1 << 20 | 2 << 27, // lr with rs2
        0x0000002f, // amo of one byte
        0x00004073, // system with funct3 4
        0x30200073 | 1 << 7, // mret with rd
        0x10500073 | 1 << 15, // wfi with rs1
        0x0a001033, // clmul: no Zbc
        0x00002053 | 3 << 25, // quad precision
        0x00005053, // fadd.s with rm 5
        0x02006053, // fadd.d with rm 6
        0x20003053, // fsgnj with funct3 3
        0x40000053, // fcvt.s.s
        0x42100053, // fcvt.d.d
        0x58100053, // fsqrt with rs2
        0x0000200f, // cbo: no Zicbom
        0x02001013 | 0x04000000, // slli with a reserved bit
        0x0200_101b, // slliw by 32 or more
        0x8000_0033, // op with funct7 0x40
    };

    @Test
    void reservedEncodingsAreIllegal() {
        for (int insn : ILLEGAL) {
            assertThat(Op.op(Decoder.decode(insn)))
                    .as(Integer.toHexString(insn))
                    .isEqualTo(Op.ILLEGAL);
        }
    }

    @Test
    void fencesAndHintsDoNothing() {
        try (TestHart test = new TestHart()) {
            // fence, fence.tso, pause, lui x0, slti x0
            test.run(0x0ff0000f, 0x8330000f, 0x0100000f, 0x00001037, 0x00002013, Asm.WFI);
            assertThat(test.hart.instret()).isEqualTo(6);
            assertThat(test.cause()).isZero();
        }
    }

    @Test
    void anIllegalInstructionTrapsWithItsBits() {
        try (TestHart test = new TestHart()) {
            test.run(Asm.NOP, 0xffffffff);
            assertThat(test.cause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
            assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(0xffffffffL);
            assertThat(test.hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM + 4);
        }
    }
}
