package dev.cprkit.vmm.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code -smp} and {@code -machine smp.*}: one CPU, in a hierarchy of ones. */
final class SmpOption {
    private static final String[] LEVELS = {
        "drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads"
    };

    private final Map<String, Long> values = new LinkedHashMap<>();

    /** One {@code -smp}. */
    void option(Properties properties) throws CommandLineException {
        take(properties, "");
        properties.end();
    }

    /** Takes {@code smp.cpus} and the others. */
    void machineProperties(Properties properties) throws CommandLineException {
        take(properties, "smp.");
    }

    private void take(Properties properties, String prefix) throws CommandLineException {
        take(properties, prefix, "cpus");
        take(properties, prefix, "maxcpus");
        for (String level : LEVELS) {
            take(properties, prefix, level);
        }
    }

    private void take(Properties properties, String prefix, String name) throws CommandLineException {
        Optional<String> text = properties.take(prefix + name);
        if (text.isEmpty()) {
            return;
        }
        try {
            values.put(name, Long.parseLong(text.get()));
        } catch (NumberFormatException e) {
            throw properties.error("Parameter 'smp." + name + "' expects integer");
        }
    }

    void finish() throws CommandLineException {
        for (long value : values.values()) {
            if (value == 0) {
                throw new CommandLineException(
                        "Invalid CPU topology: CPU topology parameters must be greater than zero");
            }
        }
        long product = 1;
        for (String level : LEVELS) {
            long value = values.getOrDefault(level, 1L);
            boolean supported = level.equals("sockets") || level.equals("cores") || level.equals("threads");
            if (!supported && value != 1) {
                throw new CommandLineException(level + " > 1 not supported by this machine's CPU topology");
            }
            product = product * value;
        }
        long maxCpus = values.getOrDefault("maxcpus", values.getOrDefault("cpus", product));
        long cpus = values.getOrDefault("cpus", maxCpus);
        if (cpus != 1 || maxCpus != 1) {
            throw new CommandLineException("Invalid SMP CPUs " + (cpus != 1 ? cpus : maxCpus)
                    + ". The max CPUs supported by machine 'virt' is 1");
        }
        if (product != 1) {
            throw new CommandLineException(
                    "Invalid CPU topology: product of the hierarchy must match maxcpus: sockets ("
                            + values.getOrDefault("sockets", 1L) + ") * cores (" + values.getOrDefault("cores", 1L)
                            + ") * threads (" + values.getOrDefault("threads", 1L) + ") != maxcpus (1)");
        }
    }
}
