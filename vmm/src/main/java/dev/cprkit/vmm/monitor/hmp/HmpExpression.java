package dev.cprkit.vmm.monitor.hmp;

import java.math.BigInteger;
import java.util.OptionalLong;

/**
 * Expressions in command lines: 64-bit arithmetic with {@code + -}, then {@code & | ^}, then {@code * / %}, each level from
 * the left, then {@code + - ~} in front, parentheses, numbers as in C, a character in quotes, {@code $register}.
 */
final class HmpExpression {
    private static final BigInteger MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private final LineReader in;
    private final HmpRegisters registers;

    private HmpExpression(LineReader in, HmpRegisters registers) {
        this.in = in;
        this.registers = registers;
    }

    /** Reads one expression and the spaces behind it. */
    static long read(LineReader in, HmpRegisters registers) throws HmpUsageException {
        in.skipSpaces();
        return new HmpExpression(in, registers).sum();
    }

    private long sum() throws HmpUsageException {
        long value = logic();
        while (in.peek() == '+' || in.peek() == '-') {
            boolean add = operator() == '+';
            long other = logic();
            value = add ? value + other : value - other;
        }
        return value;
    }

    private long logic() throws HmpUsageException {
        long value = product();
        while (in.peek() == '&' || in.peek() == '|' || in.peek() == '^') {
            char operator = operator();
            long other = product();
            value = operator == '&' ? value & other : operator == '|' ? value | other : value ^ other;
        }
        return value;
    }

    private long product() throws HmpUsageException {
        long value = unary();
        while (in.peek() == '*' || in.peek() == '/' || in.peek() == '%') {
            char operator = operator();
            long other = unary();
            if (operator != '*' && other == 0) {
                throw new HmpUsageException("division by zero");
            }
            value = operator == '*' ? value * other : operator == '/' ? value / other : value % other;
        }
        return value;
    }

    private char operator() {
        char operator = in.next();
        in.skipSpaces();
        return operator;
    }

    private long unary() throws HmpUsageException {
        switch (in.peek()) {
            case '+' -> {
                operator();
                return unary();
            }
            case '-' -> {
                operator();
                return -unary();
            }
            case '~' -> {
                operator();
                return ~unary();
            }
            case '(' -> {
                operator();
                long value = sum();
                if (in.peek() != ')') {
                    throw new HmpUsageException("')' expected");
                }
                operator();
                return value;
            }
            case '\'' -> {
                return character();
            }
            case '$' -> {
                in.next();
                OptionalLong value = registers.value(in.name("._"));
                in.skipSpaces();
                return value.orElseThrow(() -> new HmpUsageException("unknown register"));
            }
            case 0 -> throw new HmpUsageException("unexpected end of expression");
            default -> {
                return number();
            }
        }
    }

    private long character() throws HmpUsageException {
        in.next();
        if (in.ended()) {
            throw new HmpUsageException("character constant expected");
        }
        long value = in.next();
        if (in.peek() != '\'') {
            throw new HmpUsageException("missing terminating ' character");
        }
        operator();
        return value;
    }

    private long number() throws HmpUsageException {
        char first = in.peek();
        if (Character.digit(first, 10) < 0 || first > '9') {
            throw new HmpUsageException("invalid char '" + first + "' in expression");
        }
        int radix = 10;
        if (first == '0') {
            radix = 8;
            char next = in.second();
            if (next == 'x' || next == 'X') {
                in.next();
                if (!digitFollows()) {
                    return 0; // as strtoull(3): the number is the 0, and the x is left
                }
                in.next();
                radix = 16;
            }
        }
        StringBuilder digits = new StringBuilder();
        while (in.peek() < 128 && Character.digit(in.peek(), radix) >= 0) {
            digits.append(in.next());
        }
        in.skipSpaces();
        BigInteger value = new BigInteger(digits.toString(), radix);
        if (value.compareTo(MAX) > 0) {
            throw new HmpUsageException("number too large");
        }
        return value.longValue();
    }

    private boolean digitFollows() {
        return in.second() < 128 && Character.digit(in.second(), 16) >= 0;
    }
}
