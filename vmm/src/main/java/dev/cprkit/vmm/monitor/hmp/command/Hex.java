package dev.cprkit.vmm.monitor.hmp.command;

/** Hexadecimal digits in columns. Stateless. */
final class Hex {
    private Hex() {}

    /** At least that many digits, zeros in front. */
    static String digits(long value, int width) {
        String digits = Long.toHexString(value);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /** Text at the right end of a column. */
    static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
