package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.memory.GuestMemory;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Consumer;

/** What each line of the qtest protocol does to a machine. The guest is little-endian. */
final class QtestCommands {
    private static final int MAX_TRANSFER = 64 << 20;
    private static final int LEAST_DATA = 3;

    private final GuestMemory memory;
    private final QtestTime time;
    private final QtestIrqs irqs;

    /** {@code lines} is told what the test hears without having asked. */
    QtestCommands(QtestBoard board, Consumer<String> lines) {
        this.memory = board.memory();
        this.time = new QtestTime(board.clock());
        this.irqs = new QtestIrqs(board.devices(), lines);
    }

    /** Runs one line; the reply without its line end, empty for none. */
    String run(String line) {
        if (line.isEmpty()) {
            return "";
        }
        QtestWords words = QtestWords.of(line);
        try {
            return run(words);
        } catch (IllegalArgumentException e) {
            return "ERR " + words.command() + ": " + e.getMessage();
        }
    }

    private String run(QtestWords words) {
        return switch (words.command()) {
            case "endianness" -> "OK little";
            case "readb" -> readRegister(words, 1);
            case "readw" -> readRegister(words, 2);
            case "readl" -> readRegister(words, 4);
            case "readq" -> readRegister(words, 8);
            case "writeb" -> writeRegister(words, 1);
            case "writew" -> writeRegister(words, 2);
            case "writel" -> writeRegister(words, 4);
            case "writeq" -> writeRegister(words, 8);
            case "read" -> "OK 0x" + HexFormat.of().formatHex(read(words));
            case "b64read" -> "OK " + Base64.getEncoder().encodeToString(read(words));
            case "write" -> write(words);
            case "b64write" -> write64(words);
            case "memset" -> fill(words);
            case "clock_step" -> time.exists() ? time.step(words) : unknown(words);
            case "clock_set" -> time.exists() ? time.set(words) : unknown(words);
            case "irq_intercept_in" -> irqs.interceptIn(words);
            case "irq_intercept_out" -> irqs.interceptOut(words);
            case "set_irq_in" -> irqs.drive(words);
            case "module_load" -> words.text(0).isEmpty() || words.text(1).isEmpty() ? unknown(words) : "FAIL";
            default -> unknown(words);
        };
    }

    private static String unknown(QtestWords words) {
        return "FAIL Unknown command '" + words.command() + "'";
    }

    private String readRegister(QtestWords words, int size) {
        byte[] bytes = read(words.number(0), size);
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return "OK 0x" + HexFormat.of().toHexDigits(value);
    }

    private String writeRegister(QtestWords words, int size) {
        long value = words.number(1);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        write(words.number(0), bytes);
        return "OK";
    }

    private byte[] read(QtestWords words) {
        long address = words.number(0);
        int length = length(words);
        if (length == 0) {
            throw new IllegalArgumentException("the size is 0");
        }
        return read(address, length);
    }

    /** Bytes beyond those that are given are zeros. */
    private String write(QtestWords words) {
        long address = words.number(0);
        int length = length(words);
        String data = words.text(2);
        if (data.length() < LEAST_DATA) {
            return "ERR invalid argument size";
        }
        write(address, Arrays.copyOf(hex(data), length));
        return "OK";
    }

    /** Bytes beyond those that are given stay as they are. */
    private String write64(QtestWords words) {
        long address = words.number(0);
        int length = length(words);
        byte[] data = Base64.getDecoder().decode(words.text(2));
        write(address, Arrays.copyOf(data, Math.min(length, data.length)));
        return "OK";
    }

    private String fill(QtestWords words) {
        byte[] data = new byte[length(words)];
        Arrays.fill(data, (byte) words.number(2));
        write(words.number(0), data);
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

    private static int length(QtestWords words) {
        long length = words.number(1);
        if (length < 0 || length > MAX_TRANSFER) {
            throw new IllegalArgumentException("the size is not between 0 and " + MAX_TRANSFER);
        }
        return (int) length;
    }

    private static byte[] hex(String text) {
        if (!text.startsWith("0x")) {
            throw new IllegalArgumentException("the data does not begin with 0x");
        }
        return HexFormat.of().parseHex(text, 2, text.length() & ~1);
    }
}
