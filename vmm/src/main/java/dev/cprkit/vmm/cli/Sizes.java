package dev.cprkit.vmm.cli;

/**
 * Sizes as QEMU writes them: a decimal number, perhaps with a fraction, and a suffix b, k, M, G, T, P or E of either
 * case (powers of 1024); or hexadecimal after 0x, without fraction and suffix. Stateless.
 */
final class Sizes {
    private static final String SUFFIXES = "bkmgtpe";

    private Sizes() {}

    /**
     * Reads a size in bytes.
     *
     * @param plainShift by how many bits a number without a suffix is shifted: 20 for MiB
     * @throws NumberFormatException if the text is no size
     * @throws ArithmeticException if it is negative, or 2^63 bytes or more
     */
    static long parse(String text, int plainShift) {
        if (text.startsWith("0x") || text.startsWith("0X")) {
            return shift(hexadecimal(text.substring(2)), plainShift);
        }
        boolean negative = text.startsWith("-");
        int end = text.length();
        int power = end == 0 ? -1 : SUFFIXES.indexOf(Character.toLowerCase(text.charAt(end - 1)));
        if (power >= 0) {
            end--;
        }
        String number = text.substring(negative ? 1 : 0, end);
        int dot = number.indexOf('.');
        String whole = dot < 0 ? number : number.substring(0, dot);
        String fraction = dot < 0 ? "" : number.substring(dot + 1);
        if (!digits(whole) || (dot >= 0 && (!digits(fraction) || power <= 0))) {
            throw new NumberFormatException(text);
        }
        if (negative) {
            throw new ArithmeticException(text);
        }
        int shift = power < 0 ? plainShift : 10 * power;
        long value = shift(decimal(whole), shift);
        return fraction.isEmpty()
                ? value
                : Math.addExact(value, (long) (Double.parseDouble("0." + fraction) * (1L << shift)));
    }

    /** Reads a number without fraction and suffix, decimal or hexadecimal after 0x; throws as {@link #parse} does. */
    static long integer(String text) {
        if (text.isEmpty() || (!text.startsWith("0x") && !digits(text.startsWith("-") ? text.substring(1) : text))) {
            throw new NumberFormatException(text);
        }
        return parse(text, 0);
    }

    private static long shift(long value, int shift) {
        if (value > Long.MAX_VALUE >> shift) {
            throw new ArithmeticException();
        }
        return value << shift;
    }

    private static long decimal(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            value = Math.addExact(Math.multiplyExact(value, 10L), digits.charAt(i) - '0');
        }
        return value;
    }

    private static long hexadecimal(String digits) {
        if (digits.isEmpty()) {
            throw new NumberFormatException(digits);
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), 16);
            if (digit < 0) {
                throw new NumberFormatException(digits);
            }
            value = Math.addExact(Math.multiplyExact(value, 16L), digit);
        }
        return value;
    }

    private static boolean digits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** A size for people, exact: {@code 4 KiB}, {@code 128 MiB}, {@code 1000 B}. */
    static String text(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value >= 1024 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }
}
