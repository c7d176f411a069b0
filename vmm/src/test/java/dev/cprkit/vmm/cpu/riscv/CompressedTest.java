package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Each compressed instruction stands for the 32-bit one that the GNU assembler says; reserved encodings for none. */
class CompressedTest {
    private static final int[][] EXPANSIONS = {
        {0x0040, 0x00410413}, // c.addi4spn x8,sp,4
        {0x1ffc, 0x3fc10793}, // c.addi4spn x15,sp,1020
        {0x2480, 0x0084b407}, // c.fld f8,8(x9)
        {0x3ffc, 0x0f87b787}, // c.fld f15,248(x15)
        {0x40c0, 0x0044a403}, // c.lw x8,4(x9)
        {0x5c7c, 0x07c42783}, // c.lw x15,124(x8)
        {0x6504, 0x00853483}, // c.ld x9,8(x10)
        {0x7c7c, 0x0f843783}, // c.ld x15,248(x8)
        {0xa904, 0x00953827}, // c.fsd f9,16(x10)
        {0xc0a0, 0x0484a023}, // c.sw x8,64(x9)
        {0xff7c, 0x0ef73c23}, // c.sd x15,248(x14)
        {0x0001, 0x00000013}, // c.nop
        {0x1281, 0xfe028293}, // c.addi x5,-32
        {0x0ffd, 0x01ff8f93}, // c.addi x31,31
        {0x33fd, 0xfff3839b}, // c.addiw x7,-1
        {0x5301, 0xfe000313}, // c.li x6,-32
        {0x437d, 0x01f00313}, // c.li x6,31
        {0x7101, 0xe0010113}, // c.addi16sp sp,-512
        {0x617d, 0x1f010113}, // c.addi16sp sp,496
        {0x6285, 0x000012b7}, // c.lui x5,1
        {0x7281, 0xfffe02b7}, // c.lui x5,0xfffe0
        {0x907d, 0x03f45413}, // c.srli x8,63
        {0x9781, 0x4207d793}, // c.srai x15,32
        {0x9881, 0xfe04f493}, // c.andi x9,-32
        {0x8c1d, 0x40f40433}, // c.sub x8,x15
        {0x8ca9, 0x00a4c4b3}, // c.xor x9,x10
        {0x8dd1, 0x00c5e5b3}, // c.or x11,x12
        {0x8ef9, 0x00e6f6b3}, // c.and x13,x14
        {0x9c05, 0x4094043b}, // c.subw x8,x9
        {0x9fa1, 0x008787bb}, // c.addw x15,x8
        {0x1ffe, 0x03ff9f93}, // c.slli x31,63
        {0x3ffe, 0x1f813f87}, // c.fldsp f31,504(sp)
        {0x52fe, 0x0fc12283}, // c.lwsp x5,252(sp)
        {0x737e, 0x1f813303}, // c.ldsp x6,504(sp)
        {0x8082, 0x00008067}, // c.jr x1
        {0x82fe, 0x01f002b3}, // c.mv x5,x31
        {0x9002, 0x00100073}, // c.ebreak
        {0x9282, 0x000280e7}, // c.jalr x5
        {0x9f86, 0x001f8fb3}, // c.add x31,x1
        {0xbf86, 0x1e113c27}, // c.fsdsp f1,504(sp)
        {0xdf8a, 0x0e212e23}, // c.swsp x2,252(sp)
        {0xff8e, 0x1e313c23}, // c.sdsp x3,504(sp)
    };

    private static final int[] RESERVED = {
        0x0000, // all zeros
        0x0004, // c.addi4spn without an immediate
        0x8000, // quadrant 0, funct3 100
        0x2001, // c.addiw to x0
        0x6101, // c.addi16sp by 0
        0x6081, // c.lui of 0
        0x9c41, // quadrant 1, 100 111 10
        0x9c61, // quadrant 1, 100 111 11
        0x4002, // c.lwsp to x0
        0x6002, // c.ldsp to x0
        0x8002, // c.jr x0
    };

    @Test
    void expandsAsTheAssemblerSays() {
        for (int[] row : EXPANSIONS) {
            assertThat(Integer.toHexString(Compressed.expand(row[0])))
                    .as(Integer.toHexString(row[0]))
                    .isEqualTo(Integer.toHexString(row[1]));
        }
    }

    @Test
    void jumpsAndBranchesKeepTheirOffset() {
        // c.j -2048 and +2046, c.beqz x8 -256, c.bnez x15 +254
        assertThat(Compressed.expand(0xb001)).isEqualTo(Asm.jal(0, -2048));
        assertThat(Compressed.expand(0xaffd)).isEqualTo(Asm.jal(0, 2046));
        assertThat(Compressed.expand(0xd001)).isEqualTo(Asm.bne(8, 0, -256) & ~(1 << 12));
        assertThat(Compressed.expand(0xeffd)).isEqualTo(Asm.bne(15, 0, 254));
    }

    @Test
    void reservedEncodingsAreIllegal() {
        for (int code : RESERVED) {
            assertThat(Compressed.expand(code)).as(Integer.toHexString(code)).isEqualTo(Compressed.ILLEGAL);
        }
    }

    @Test
    void anIllegalCompressedInstructionTrapsWithItsBits() {
        try (TestHart test = new TestHart()) {
            test.run(0x00008002);
            assertThat(test.cause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
            assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(0x8002);
            assertThat(test.hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM);
        }
    }
}
