package dev.cprkit.vmm.cpu.riscv.fpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Millions of operations through the host's arithmetic and through the integer code, which must not be told apart. */
final class FpHostPathTest {
    private static final long SEED = Long.getLong("cprkit.fpu.seed", 20_261_120L);
    private static final int ROUNDS = Integer.getInteger("cprkit.fpu.hostRounds", 1_000_000);

    private final FpStatus host = new FpStatus();
    private final FpStatus soft = new FpStatus();

    @Test
    void doubles() {
        Format f = Format.BINARY64;
        Operands operands = new Operands(SEED, 52, 11);
        for (int i = 0; i < ROUNDS; i++) {
            long a = operands.next();
            long b = operands.next(a);
            long c = operands.next(a + b);
            start(i);
            same("add", a, b, c, Fp64.add(a, b, host), SoftArithmetic.add(f, a, b, soft));
            start(i);
            same("sub", a, b, c, Fp64.sub(a, b, host), SoftArithmetic.add(f, a, b ^ Long.MIN_VALUE, soft));
            start(i);
            same("mul", a, b, c, Fp64.mul(a, b, host), SoftArithmetic.mul(f, a, b, soft));
            start(i);
            same("div", a, b, c, Fp64.div(a, b, host), SoftArithmetic.div(f, a, b, soft));
            start(i);
            same("sqrt", a, b, c, Fp64.sqrt(a, host), SoftArithmetic.sqrt(f, a, soft));
            start(i);
            same("fma", a, b, c, Fp64.fma(a, b, c, host), SoftArithmetic.fma(f, a, b, c, soft));
            start(i);
            same("to s", a, b, c, wide(Fp32.fromF64(a, host)), SoftConversion.convert(f, Format.BINARY32, a, soft));
        }
    }

    @Test
    void floats() {
        Format f = Format.BINARY32;
        Operands operands = new Operands(SEED, 23, 8);
        for (int i = 0; i < ROUNDS; i++) {
            long a = operands.next();
            long b = operands.next(a);
            long c = operands.next(a + b);
            int x = (int) a;
            int y = (int) b;
            start(i);
            same("add", a, b, c, wide(Fp32.add(x, y, host)), SoftArithmetic.add(f, a, b, soft));
            start(i);
            same("sub", a, b, c, wide(Fp32.sub(x, y, host)), SoftArithmetic.add(f, a, b ^ 1L << 31, soft));
            start(i);
            same("mul", a, b, c, wide(Fp32.mul(x, y, host)), SoftArithmetic.mul(f, a, b, soft));
            start(i);
            same("div", a, b, c, wide(Fp32.div(x, y, host)), SoftArithmetic.div(f, a, b, soft));
            start(i);
            same("sqrt", a, b, c, wide(Fp32.sqrt(x, host)), SoftArithmetic.sqrt(f, a, soft));
            start(i);
            same("fma", a, b, c, wide(Fp32.fma(x, y, (int) c, host)), SoftArithmetic.fma(f, a, b, c, soft));
            start(i);
            same("to d", a, b, c, Fp64.fromF32(x, host), SoftConversion.convert(f, Format.BINARY64, a, soft));
        }
    }

    private void start(int i) {
        host.flags = i & 1;
        soft.flags = i & 1;
    }

    private void same(String what, long a, long b, long c, long fromHost, long fromSoft) {
        if (fromHost != fromSoft || host.flags != soft.flags) {
            assertThat("%x flags %x".formatted(fromHost, host.flags))
                    .as("%s %x %x %x", what, a, b, c)
                    .isEqualTo("%x flags %x".formatted(fromSoft, soft.flags));
        }
    }

    private static long wide(int bits) {
        return Integer.toUnsignedLong(bits);
    }
}
