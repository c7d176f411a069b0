package dev.cprkit.vmm.cli;

import java.util.Optional;
import java.util.OptionalLong;

/** {@code -m [size=]SIZE[,slots=N][,maxmem=SIZE]} and {@code -machine memory.*}. Later values replace earlier ones. */
final class MemoryOption {
    private static final long DEFAULT_SIZE = 128L << 20;
    private static final long PAGE = 4096;

    private OptionalLong size = OptionalLong.empty();
    private String sizeFrom = "";
    private OptionalLong maxSize = OptionalLong.empty();
    private long slots;

    /** One {@code -m}, as it was typed. */
    void option(Properties properties) throws CommandLineException {
        Optional<String> text = properties.take("size");
        if (text.isPresent() && !text.get().isEmpty()) {
            size(properties, "size", text.get(), 20);
        }
        limits(properties, "slots", "maxmem");
        properties.end();
    }

    /** Takes {@code memory.size}, {@code memory.slots} and {@code memory.max-size}, which are in bytes. */
    void machineProperties(Properties properties) throws CommandLineException {
        Optional<String> text = properties.take("memory.size");
        if (text.isPresent()) {
            size(properties, "memory.size", text.get(), 0);
        }
        limits(properties, "memory.slots", "memory.max-size");
    }

    private void size(Properties properties, String name, String text, int plainShift) throws CommandLineException {
        try {
            size = OptionalLong.of(Sizes.parse(text, plainShift));
        } catch (NumberFormatException e) {
            throw properties.error("Parameter '" + name + "' expects a non-negative number below 2^63"
                    + " with an optional suffix k, M, G, T, P or E");
        } catch (ArithmeticException e) {
            throw properties.error("Value '" + text + "' is out of range for parameter '" + name + "'");
        }
        if (size.getAsLong() == 0) {
            throw properties.error("RAM size must be greater than zero");
        }
        if (size.getAsLong() % PAGE != 0) {
            throw properties.error("RAM size 0x" + Long.toHexString(size.getAsLong()) + " must be a multiple of 4 KiB");
        }
        sizeFrom = text;
    }

    private void limits(Properties properties, String slotsName, String maxName) throws CommandLineException {
        OptionalLong slotCount = properties.takeNumber(slotsName);
        if (slotCount.isPresent()) {
            slots = slotCount.getAsLong();
        }
        OptionalLong limit = properties.takeSize(maxName);
        if (limit.isPresent()) {
            maxSize = limit;
        }
    }

    /** The RAM size in bytes; {@code backendSize} is that of the machine's memory backend, if it has one. */
    long finish(OptionalLong backendSize) throws CommandLineException {
        long bytes = size.orElse(backendSize.orElse(DEFAULT_SIZE));
        if (slots > 0 && maxSize.isEmpty()) {
            throw new CommandLineException("slots specified but no max-size");
        }
        if (maxSize.isPresent() && maxSize.getAsLong() < bytes) {
            throw new CommandLineException("invalid value of maxmem: maximum memory size (0x"
                    + Long.toHexString(maxSize.getAsLong()) + ") must be at least the initial memory size (0x"
                    + Long.toHexString(bytes) + ")");
        }
        if (slots > 0 || maxSize.orElse(bytes) > bytes) {
            throw new CommandLineException("memory hotplug is not supported: this board has no slots for more RAM than"
                    + " -m size=" + (sizeFrom.isEmpty() ? Sizes.text(bytes) : sizeFrom));
        }
        if (backendSize.isPresent() && backendSize.getAsLong() != bytes) {
            throw new CommandLineException("Machine memory size does not match the size of the memory backend");
        }
        return bytes;
    }
}
