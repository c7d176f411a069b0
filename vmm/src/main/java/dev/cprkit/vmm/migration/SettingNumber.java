package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.Optional;

/** Reads numbers of parameters as people type them, with QEMU's error texts. Stateless. */
final class SettingNumber {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

    private SettingNumber() {}

    /** Digits, as strtoull(3) reads them: a negative number wraps, and is then too large. */
    static JsonNumber plain(MigrationParameter parameter, String text, int bits) throws QmpError {
        BigInteger number = integer(text)
                .orElseThrow(() -> QmpError.generic("Parameter '" + parameter.qapiName() + "' expects uint64"));
        BigInteger value = number.signum() < 0 ? number.add(LIMIT) : number;
        if (value.bitLength() > bits) {
            throw QmpError.generic("Parameter '" + parameter.qapiName() + "' expects uint" + bits + "_t");
        }
        return new JsonNumber(value, value.doubleValue());
    }

    private static Optional<BigInteger> integer(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        int radix = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.charAt(0) == '0') {
            radix = 8;
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) > 'f' || Character.digit(digits.charAt(i), radix) < 0) {
                return Optional.empty();
            }
        }
        if (digits.isEmpty()) {
            return Optional.empty();
        }
        BigInteger value = new BigInteger(digits, radix);
        if (value.bitLength() > 64) {
            return Optional.empty();
        }
        return Optional.of(negative ? value.negate() : value);
    }

    /** Digits and perhaps a suffix k, M, G, T, P or E. */
    static JsonNumber withSuffix(MigrationParameter parameter, String text) throws QmpError {
        Optional<BigInteger> number = SettingText.size(text, 0);
        if (number.isPresent()) {
            return new JsonNumber(number.get(), number.get().doubleValue());
        }
        if (isInteger(text)) {
            throw QmpError.generic("Value '" + text + "' is out of range for parameter '" + parameter.qapiName() + "'");
        }
        throw QmpError.generic("Parameter '" + parameter.qapiName() + "' expects a non-negative number below 2^64\n"
                + "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
                + "and exabytes, respectively.");
    }

    private static boolean isInteger(String text) {
        int start = text.startsWith("-") ? 1 : 0;
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return text.length() > start;
    }
}
