package dev.cprkit.vmm.monitor.qtest;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** A line's words: the command and its arguments, counted from 0. Immutable. */
record QtestWords(String command, List<String> arguments) {
    static QtestWords of(String line) {
        StringTokenizer tokens = new StringTokenizer(line, " \r");
        if (!tokens.hasMoreTokens()) {
            return new QtestWords("", List.of());
        }
        String command = tokens.nextToken();
        List<String> arguments = new ArrayList<>(tokens.countTokens());
        while (tokens.hasMoreTokens()) {
            arguments.add(tokens.nextToken());
        }
        return new QtestWords(command, arguments);
    }

    boolean has(int index) {
        return index < arguments.size();
    }

    /** An argument; {@link IllegalArgumentException} if there are not so many. */
    String text(int index) {
        if (!has(index)) {
            throw new IllegalArgumentException("argument " + (index + 1) + " is missing");
        }
        return arguments.get(index);
    }

    /** A number as C reads it with base 0: 0x1f, 037, 31, and with a minus sign the two's complement. */
    long number(int index) {
        String text = text(index);
        boolean negative = text.startsWith("-");
        String digits = negative ? text.substring(1) : text;
        int base = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            digits = digits.substring(2);
            base = 16;
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            base = 8;
        }
        try {
            if (digits.startsWith("+") || digits.startsWith("-")) {
                throw new NumberFormatException(digits);
            }
            long value = Long.parseUnsignedLong(digits, base);
            return negative ? -value : value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a number", e);
        }
    }
}
