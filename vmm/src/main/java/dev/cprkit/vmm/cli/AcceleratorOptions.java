package dev.cprkit.vmm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code -accel} and {@code -machine accel=}: a list of preferences, of which the first that exists is used. They
 * are {@code tcg}, the name by which QEMU's users ask for emulation, and {@code qtest}, which executes nothing; others are
 * passed over with a warning.
 */
final class AcceleratorOptions {
    static final String HELP = """
        Accelerators supported in this binary:
        qtest
        tcg
        """;

    private final List<String> refused = new ArrayList<>();
    private boolean found;
    private boolean qtest;
    private boolean given;

    /** One {@code -accel [accel=]NAME[,property=value...]}. */
    void accel(Properties properties) throws CommandLineException {
        given = true;
        String name = properties.require("accel");
        if (name.equals("qtest")) {
            take(name);
            if (!properties.names().isEmpty()) {
                throw properties.error(
                        "Property 'qtest-accel." + properties.names().getFirst() + "' not found");
            }
            return;
        }
        if (!name.equals("tcg")) {
            refused.add(properties.error("invalid accelerator " + name).getMessage());
            return;
        }
        take(name);
        Optional<String> thread = properties.take("thread");
        if (thread.isPresent()
                && !thread.get().equals("single")
                && !thread.get().equals("multi")) {
            throw properties.error("Invalid 'thread' setting " + thread.get());
        }
        // These tune QEMU's translator. They change nothing that a guest can see, so they are accepted.
        properties.takeSize("tb-size");
        properties.takeFlag("split-wx");
        properties.takeFlag("one-insn-per-tb");
        if (!properties.names().isEmpty()) {
            throw properties.error("Property 'tcg-accel." + properties.names().getFirst() + "' not found");
        }
    }

    /** {@code -machine accel=NAME[:NAME...]}. */
    void machineAccel(String names) throws CommandLineException {
        if (given) {
            throw new CommandLineException("The -accel and \"-machine accel=\" options are incompatible");
        }
        for (String name : split(names)) {
            if (name.equals("tcg") || name.equals("qtest")) {
                take(name);
            } else {
                refused.add("invalid accelerator " + name);
            }
        }
    }

    private void take(String name) {
        qtest = found ? qtest : name.equals("qtest");
        found = true;
    }

    /** Whether the first that exists is the one that executes nothing. */
    boolean qtest() {
        return qtest;
    }

    private static List<String> split(String names) {
        List<String> list = new ArrayList<>();
        int at = 0;
        while (at <= names.length()) {
            int colon = names.indexOf(':', at);
            int end = colon < 0 ? names.length() : colon;
            list.add(names.substring(at, end));
            at = end + 1;
        }
        return list;
    }

    /** Fails if accelerators were asked for and none of them exists; otherwise warns of those that were passed over. */
    void finish(List<String> warnings) throws CommandLineException {
        if (refused.isEmpty()) {
            return;
        }
        if (!found) {
            throw new CommandLineException(String.join("; ", refused));
        }
        warnings.addAll(refused);
        warnings.add("falling back to " + (qtest ? "qtest" : "tcg"));
    }
}
