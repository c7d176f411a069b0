package dev.cprkit.vmm.monitor.hmp;

/**
 * How {@code x}, {@code xp} and {@code print} show numbers: {@code /4xw}.
 *
 * @param count how many
 * @param style {@code x}, {@code d}, {@code u}, {@code o}, {@code c} or {@code i}
 * @param size of one, in bytes: 1, 2, 4 or 8; -1 for instructions whose size was not given
 */
public record HmpFormat(int count, char style, int size) {
    /** What a monitor begins with. */
    static final HmpFormat FIRST = new HmpFormat(1, 'x', 4);

    /** A number in this style, at its natural width. */
    public String print(long value) {
        return switch (style) {
            case 'o' -> value == 0 ? "0" : "0" + Long.toOctalString(value);
            case 'x' -> value == 0 ? "0" : "0x" + Long.toHexString(value);
            case 'u' -> Long.toUnsignedString(value);
            case 'c' -> character((int) value);
            default -> Long.toString(value);
        };
    }

    /** A number of {@link #size} bytes in this style, padded so that columns line up. */
    public String column(long value) {
        int bits = size * 8;
        return switch (style) {
            case 'o' -> "0" + pad(Long.toOctalString(value), ' ', (bits + 2) / 3);
            case 'u', 'd' -> pad(Long.toUnsignedString(value), ' ', (bits * 10 + 32) / 33);
            case 'c' -> character((int) value & 0xff);
            default -> "0x" + pad(Long.toHexString(value), '0', bits / 4);
        };
    }

    private static String pad(String digits, char with, int width) {
        int missing = width - digits.length();
        return missing > 0 ? String.valueOf(with).repeat(missing) + digits : digits;
    }

    private static String character(int value) {
        return switch (value) {
            case '\'' -> "'\\''";
            case '\\' -> "'\\\\'";
            case '\n' -> "'\\n'";
            case '\r' -> "'\\r'";
            default ->
                value >= ' ' && value <= '~'
                        ? "'" + (char) value + "'"
                        : "'\\x" + pad(Integer.toHexString(value), '0', 2) + "'";
        };
    }
}
