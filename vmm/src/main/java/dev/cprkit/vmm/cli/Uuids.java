package dev.cprkit.vmm.cli;

import java.util.UUID;

/** UUIDs as {@code -uuid} takes them: 8-4-4-4-12 hexadecimal digits, no fewer. Stateless. */
final class Uuids {
    private Uuids() {}

    static UUID parse(String where, String text) throws CommandLineException {
        boolean good = text.length() == 36;
        for (int i = 0; good && i < 36; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            good = dash ? text.charAt(i) == '-' : Character.digit(text.charAt(i), 16) >= 0 && text.charAt(i) < 128;
        }
        if (!good) {
            throw new CommandLineException(where + ": failed to parse UUID string: wrong format");
        }
        return UUID.fromString(text);
    }
}
