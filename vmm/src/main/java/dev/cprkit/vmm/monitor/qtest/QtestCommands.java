package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.memory.GuestMemory;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.StringTokenizer;

/** What each line of the qtest protocol does to a machine's memory. The guest is little-endian. */
final class QtestCommands {
    private static final int MAX_TRANSFER = 64 << 20;

    private final GuestMemory memory;

    QtestCommands(GuestMemory memory) {
        this.memory = memory;
    }

    /** Runs one line; the reply without its line end. */
    String run(String line) {
        StringTokenizer tokens = new StringTokenizer(line, " \r");
        String[] words = new String[tokens.countTokens()];
        for (int i = 0; i < words.length; i++) {
            words[i] = tokens.nextToken();
        }
        if (words.length == 0) {
            return "FAIL Unknown command ''";
        }
        try {
            return run(words[0], Arrays.asList(words).subList(1, words.length));
        } catch (IllegalArgumentException e) {
            return "ERR " + words[0] + ": " + e.getMessage();
        }
    }

    private String run(String command, List<String> arguments) {
        return switch (command) {
            case "endianness" -> "OK little";
            case "readb" -> readRegister(arguments, 1);
            case "readw" -> readRegister(arguments, 2);
            case "readl" -> readRegister(arguments, 4);
            case "readq" -> readRegister(arguments, 8);
            case "writeb" -> writeRegister(arguments, 1);
            case "writew" -> writeRegister(arguments, 2);
            case "writel" -> writeRegister(arguments, 4);
            case "writeq" -> writeRegister(arguments, 8);
            case "read" -> "OK 0x" + HexFormat.of().formatHex(read(arguments));
            case "b64read" -> "OK " + Base64.getEncoder().encodeToString(read(arguments));
            case "write" -> write(arguments, hex(argument(arguments, 2)));
            case "b64write" -> write(arguments, Base64.getDecoder().decode(argument(arguments, 2)));
            case "memset" -> fill(arguments);
            default -> "FAIL Unknown command '" + command + "'";
        };
    }

    private String readRegister(List<String> arguments, int size) {
        byte[] bytes = read(number(arguments, 0), size);
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return "OK 0x" + HexFormat.of().toHexDigits(value);
    }

    private String writeRegister(List<String> arguments, int size) {
        long value = number(arguments, 1);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        write(number(arguments, 0), bytes);
        return "OK";
    }

    private byte[] read(List<String> arguments) {
        return read(number(arguments, 0), length(arguments));
    }

    /** Bytes beyond those that are given are zeros. */
    private String write(List<String> arguments, byte[] data) {
        write(number(arguments, 0), Arrays.copyOf(data, length(arguments)));
        return "OK";
    }

    private String fill(List<String> arguments) {
        byte[] data = new byte[length(arguments)];
        Arrays.fill(data, (byte) number(arguments, 2));
        write(number(arguments, 0), data);
        return "OK";
    }

    /** RAM in one piece, registers by one access of their size; what is not there reads as zeros, as on a bus. */
    private byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        if (memory.read(address, bytes, 0, length)) {
            return bytes;
        }
        if (memory.find(address) instanceof GuestMemory.Mmio registers && isAccess(length)) {
            long value = registers.region().read(address - registers.start(), length);
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (value >>> 8 * i);
            }
        }
        return bytes;
    }

    private void write(long address, byte[] data) {
        if (memory.write(address, data, 0, data.length)) {
            return;
        }
        if (memory.find(address) instanceof GuestMemory.Mmio registers && isAccess(data.length)) {
            long value = 0;
            for (int i = data.length - 1; i >= 0; i--) {
                value = value << 8 | data[i] & 0xFF;
            }
            registers.region().write(address - registers.start(), data.length, value);
        }
    }

    private static boolean isAccess(int length) {
        return length == 1 || length == 2 || length == 4 || length == 8;
    }

    private static int length(List<String> arguments) {
        long length = number(arguments, 1);
        if (length <= 0 || length > MAX_TRANSFER) {
            throw new IllegalArgumentException("the size is not between 1 and " + MAX_TRANSFER);
        }
        return (int) length;
    }

    private static byte[] hex(String text) {
        if (!text.startsWith("0x")) {
            throw new IllegalArgumentException("the data does not begin with 0x");
        }
        return HexFormat.of().parseHex(text, 2, text.length());
    }

    private static long number(List<String> arguments, int index) {
        String text = argument(arguments, index);
        try {
            return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a number", e);
        }
    }

    private static String argument(List<String> arguments, int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("argument " + (index + 1) + " is missing");
        }
        return arguments.get(index);
    }
}
