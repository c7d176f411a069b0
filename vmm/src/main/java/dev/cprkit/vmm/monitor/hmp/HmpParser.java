package dev.cprkit.vmm.monitor.hmp;

import java.util.List;
import java.util.Optional;

/**
 * Reads the parameters of a command line by the command's {@link HmpSyntax}, with QEMU's error texts. It remembers the
 * last format, which the next command without one goes by. Main loop's thread.
 */
final class HmpParser {
    private final HmpRegisters registers;
    private HmpFormat lastFormat = HmpFormat.FIRST;

    HmpParser(HmpRegisters registers) {
        this.registers = registers;
    }

    /** Reads what follows the command's name. */
    HmpArguments parse(HmpCommand command, LineReader in) throws HmpUsageException {
        HmpArguments arguments = new HmpArguments();
        List<HmpSyntax.Parameter> parameters = command.syntax().parameters();
        for (int i = 0; i < parameters.size(); i++) {
            read(command, parameters, i, in, arguments);
        }
        in.skipSpaces();
        if (!in.ended()) {
            throw new HmpUsageException(command.title() + ": extraneous characters at the end of line");
        }
        return arguments;
    }

    private void read(
            HmpCommand command, List<HmpSyntax.Parameter> all, int index, LineReader in, HmpArguments arguments)
            throws HmpUsageException {
        HmpSyntax.Parameter parameter = all.get(index);
        in.skipSpaces();
        switch (parameter.type()) {
            case '-' -> {
                if (flag(command, all, index, in)) {
                    boolean valued = parameter.presence() == HmpSyntax.Presence.WITH_VALUE;
                    arguments.put(parameter.name(), valued ? word(command, in, "string") : (Object) true);
                }
                return;
            }
            case '/' -> {
                arguments.put(parameter.name(), format(in));
                return;
            }
            default -> {
                if (in.ended() && parameter.presence() == HmpSyntax.Presence.OPTIONAL) {
                    return;
                }
            }
        }
        if (parameter.presence() == HmpSyntax.Presence.AFTER_DOT) {
            if (in.peek() != '.') {
                return;
            }
            in.next();
        }
        Optional<Object> value = value(command, parameter, in);
        if (value.isPresent()) {
            arguments.put(parameter.name(), value.get());
        }
    }

    private Optional<Object> value(HmpCommand command, HmpSyntax.Parameter parameter, LineReader in)
            throws HmpUsageException {
        return switch (parameter.type()) {
            case 's' -> Optional.of(word(command, in, "string"));
            case 'F' -> Optional.of(word(command, in, "filename"));
            case 'B' -> Optional.of(word(command, in, "block device name"));
            case 'O' -> in.ended() ? Optional.empty() : Optional.of(word(command, in, "string"));
            case 'S' -> {
                if (in.ended()) {
                    throw new HmpUsageException(command.title() + ": string expected");
                }
                yield Optional.of(in.rest());
            }
            case 'i' -> {
                long value = HmpExpression.read(in, registers);
                if (value >>> 32 != 0) {
                    throw new HmpUsageException("'" + command.title() + "' has failed: integer is for 32-bit values");
                }
                yield Optional.of(value);
            }
            case 'l' -> Optional.of(HmpExpression.read(in, registers));
            case 'M' -> {
                long value = HmpExpression.read(in, registers);
                if (value < 0) {
                    throw new HmpUsageException("enter a positive value");
                }
                yield Optional.of(value << 20);
            }
            case 'o' -> Optional.of(size(in));
            case 'b' -> Optional.of(onOrOff(in));
            default -> throw new IllegalArgumentException("parameter type " + parameter.type());
        };
    }

    private static String word(HmpCommand command, LineReader in, String what) throws HmpUsageException {
        return in.word().orElseThrow(() -> new HmpUsageException(command.title() + ": " + what + " expected"));
    }

    /** Digits and a suffix, as text: what is resized is a disk, and there is none to need the number. */
    private static String size(LineReader in) throws HmpUsageException {
        String digits = in.digits(".");
        if (digits.isEmpty()) {
            throw new HmpUsageException("invalid size");
        }
        return !in.ended() && "bBkKmMgGtTpPeE".indexOf(in.peek()) >= 0 ? digits + in.next() : digits;
    }

    private static Boolean onOrOff(LineReader in) throws HmpUsageException {
        String text = in.word().orElse("");
        if (!text.equals("on") && !text.equals("off")) {
            throw new HmpUsageException("Expected 'on' or 'off'");
        }
        return text.equals("on");
    }

    /** Whether the flag is here; another flag of the command may be instead, but nothing else that begins with a hyphen. */
    private static boolean flag(HmpCommand command, List<HmpSyntax.Parameter> all, int index, LineReader in)
            throws HmpUsageException {
        if (in.peek() != '-') {
            return false;
        }
        if (in.second() == all.get(index).letter()) {
            in.next();
            in.next();
            return true;
        }
        for (int i = index + 1; i < all.size(); i++) {
            if (all.get(i).type() == '-' && all.get(i).letter() == in.second()) {
                return false;
            }
        }
        throw new HmpUsageException(command.title() + ": unsupported option -" + in.second());
    }

    private HmpFormat format(LineReader in) throws HmpUsageException {
        if (in.peek() != '/') {
            return new HmpFormat(1, lastFormat.style(), lastFormat.style() == 'i' ? -1 : lastFormat.size());
        }
        in.next();
        int count = 1;
        if (in.peek() >= '0' && in.peek() <= '9') {
            count = 0;
            while (in.peek() >= '0' && in.peek() <= '9') {
                count = count * 10 + (in.next() - '0');
            }
        }
        char style = 0;
        int size = -1;
        while (true) {
            char c = in.peek();
            if ("xduoci".indexOf(c) >= 0 && c != 0) {
                style = c;
            } else if (c == 'b' || c == 'h' || c == 'w' || c == 'g' || c == 'L') {
                size = c == 'b' ? 1 : c == 'h' ? 2 : c == 'w' ? 4 : 8;
            } else {
                break;
            }
            in.next();
        }
        if (!in.ended() && !LineReader.isSpace(in.peek())) {
            throw new HmpUsageException("invalid char in format: '" + in.peek() + "'");
        }
        style = style == 0 ? lastFormat.style() : style;
        // Instructions have no size of their own, and leave what numbers had.
        int sizeForNext = size >= 0 ? size : lastFormat.size();
        lastFormat = new HmpFormat(1, style, style == 'i' ? lastFormat.size() : sizeForNext);
        return new HmpFormat(count, style, style == 'i' ? size : sizeForNext);
    }
}
