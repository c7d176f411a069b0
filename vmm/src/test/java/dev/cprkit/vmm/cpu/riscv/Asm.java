package dev.cprkit.vmm.cpu.riscv;

/** Encodes the instructions that tests write down. Registers are numbers. */
final class Asm {
    static final int WFI = 0x10500073;
    static final int ECALL = 0x00000073;
    static final int EBREAK = 0x00100073;
    static final int MRET = 0x30200073;
    static final int SRET = 0x10200073;
    static final int SFENCE_VMA = 0x12000073;
    static final int FENCE_I = 0x0000100f;
    static final int NOP = 0x13;
    /** A jump to itself. */
    static final int SPIN = 0x6f;

    private Asm() {}

    static int addi(int rd, int rs1, int imm) {
        return i(0x13, 0, rd, rs1, imm);
    }

    static int add(int rd, int rs1, int rs2) {
        return rs2 << 20 | rs1 << 15 | rd << 7 | 0x33;
    }

    static int lui(int rd, int imm20) {
        return imm20 << 12 | rd << 7 | 0x37;
    }

    static int auipc(int rd, int imm20) {
        return imm20 << 12 | rd << 7 | 0x17;
    }

    /** A load of {@code 1 << (width & 3)} bytes, unsigned with {@code width & 4}. */
    static int load(int width, int rd, int rs1, int offset) {
        return i(0x03, width, rd, rs1, offset);
    }

    static int store(int width, int rs2, int rs1, int offset) {
        return offset >> 5 << 25 | rs2 << 20 | rs1 << 15 | width << 12 | (offset & 31) << 7 | 0x23;
    }

    static int jalr(int rd, int rs1, int offset) {
        return i(0x67, 0, rd, rs1, offset);
    }

    static int jal(int rd, int offset) {
        return (offset < 0 ? 1 << 31 : 0)
                | (offset & 0x7fe) << 20
                | (offset & 0x800) << 9
                | offset & 0xff000
                | rd << 7
                | 0x6f;
    }

    static int bne(int rs1, int rs2, int offset) {
        return (offset < 0 ? 1 << 31 : 0)
                | (offset & 0x7e0) << 20
                | rs2 << 20
                | rs1 << 15
                | 1 << 12
                | (offset & 0x1e) << 7
                | (offset & 0x800) >> 4
                | 0x63;
    }

    static int csrrw(int rd, int csr, int rs1) {
        return i(0x73, 1, rd, rs1, csr);
    }

    static int csrrs(int rd, int csr, int rs1) {
        return i(0x73, 2, rd, rs1, csr);
    }

    static int csrrc(int rd, int csr, int rs1) {
        return i(0x73, 3, rd, rs1, csr);
    }

    /** An atomic operation; width 2 for 4 bytes, 3 for 8. */
    static int amo(int operation, int width, int rd, int rs2, int rs1) {
        return operation << 27 | rs2 << 20 | rs1 << 15 | width << 12 | rd << 7 | 0x2f;
    }

    private static int i(int opcode, int funct3, int rd, int rs1, int imm) {
        return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
    }
}
