package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Instructions as QEMU 11.1's monitor shows them; spaces are squeezed, as columns are held by one case. */
class DisassemblerTest {
    private static final long AT = 0x8000_0000L;

    @ParameterizedTest
    @CsvSource(
            delimiter = '%',
            value = {
                "00050433 % add s0,a0,zero",
                "852e % mv a0,a1",
                "794000ef % jal ra,1940 # 0x80000794",
                "a001 % j 0 # 0x80000000",
                "8082 % ret",
                "00028067 % jr t0",
                "fff00067 % jalr zero,zero,-1",
                "fe62c2e3 % bgt t1,t0,-28 # 0x7fffffe4",
                "28081d63 % bnez a6,666 # 0x8000029a",
                "00035297 % auipc t0,53 # 0x80035000",
                "9bc3b0b7 % lui ra,-410565",
                "0082bf03 % ld t5,8(t0)",
                "fb550fa3 % sb s5,-65(a0)",
                "f1283987 % fld fs3,-238(a6)",
                "0ddba327 % fsw ft9,198(s7)",
                "0001 % nop",
                "4081 % mv ra,zero",
                "58fd % addi a7,zero,-1",
                "0005851b % sext.w a0,a1",
                "00103013 % seqz zero,zero",
                "fff5c793 % not a5,a1",
                "40e007bb % negw a5,a4",
                "00b037b3 % snez a5,a1",
                "603f5b13 % rori s6,t5,3",
                "611a5b9b % roriw s7,s4,17",
                "28899713 % bseti a4,s3,8",
                "094b1b9b % slli.uw s7,s6,20",
                "60431293 % sext.b t0,t1",
                "60031293 % clz t0,t1",
                "2089a1b3 % sh1add gp,s3,s0",
                "41154833 % xnor a6,a0,a7",
                "08bc833b % add.uw t1,s9,a1",
                "02f55533 % divu a0,a0,a5",
                "1005a52f % lr.w a0,(a1)",
                "0918282f % amoswap.w a6,a7,(a6)",
                "06d536af % amoadd.d.aq.rl a3,a3,(a0)",
                "0310000f % fence rw,w",
                "0000100f % fence.i",
                "12508073 % sfence.vma ra,t0",
                "30200073 % mret",
                "10500073 % wfi",
                "305a1073 % csrrw zero,mtvec,s4",
                "30016073 % csrrsi zero,mstatus,2",
                "7ff022f3 % csrrs t0,0x7ff,zero",
                "c01022f3 % rdtime t0",
                "002022f3 % frrm t0",
                "003012f3 % fscsr t0,zero",
                "021302d3 % fadd.d rne,ft5,ft6,ft1",
                "427372c3 % fmadd.d dyn,ft5,ft6,ft7,fs0",
                "5a0312d3 % fsqrt.d rtz,ft5,ft6",
                "c20312d3 % fcvt.w.d rtz,t0,ft6",
                "d22302d3 % fcvt.d.l rne,ft5,t1",
                "401302d3 % fcvt.s.d rne,ft5,ft6",
                "220302d3 % fsgnj.d ft5,ft6,ft0",
                "a20322d3 % feq.d t0,ft6,ft0",
                "e20312d3 % fclass.d t0,ft6",
                "e20302d3 % fmv.x.d t0,ft6",
                "402812b3 % illegal",
                "0000 % illegal",
                "ffffffff % illegal",
            })
    void showsAsQemuDoes(String bits, String text) {
        String shown = Disassembler.text(Integer.parseUnsignedInt(bits, 16), bits.length() / 2, AT);
        assertThat(shown.replaceAll(" +", " ").strip()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"00035297, 'auipc                   t0,53                   # 0x80035000'"})
    void keepsColumns(String bits, String text) {
        assertThat(Disassembler.text(Integer.parseUnsignedInt(bits, 16), 4, AT)).isEqualTo(text);
    }
}
