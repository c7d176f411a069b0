package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.AddedFd;
import java.util.Optional;

/** {@code -add-fd fd=N,set=M[,opaque=TEXT]}. Stateless. */
final class AddFdOption {
    private static final int LAST_STANDARD_STREAM = 2;

    private AddFdOption() {}

    static AddedFd read(Properties properties) throws CommandLineException {
        long fd = number(properties, "fd");
        long set = number(properties, "set");
        Optional<String> opaque = properties.take("opaque");
        properties.end();
        if (fd < 0 || fd > Integer.MAX_VALUE) {
            throw properties.error("fd option is required and must be non-negative");
        }
        if (fd <= LAST_STANDARD_STREAM) {
            throw properties.error("fd cannot be a standard I/O stream");
        }
        if (set < 0) {
            throw properties.error("set option is required and must be non-negative");
        }
        return new AddedFd((int) fd, set, opaque);
    }

    /** A number; -1 for one that is not there, or negative. */
    private static long number(Properties properties, String name) throws CommandLineException {
        Optional<String> text = properties.take(name);
        if (text.isEmpty()) {
            return -1;
        }
        try {
            return Math.max(-1, Sizes.integer(text.get()));
        } catch (NumberFormatException e) {
            throw properties.error("Parameter '" + name + "' expects a number");
        } catch (ArithmeticException e) {
            return -1;
        }
    }
}
