package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Character devices and what is attached to them: {@code -chardev}, {@code -serial}, {@code -monitor}, {@code -mon},
 * {@code -qmp}, {@code -qmp-pretty}, and QEMU's defaults for a machine of which nothing of that is said.
 */
final class ConsoleOptions {
    /** Who uses a chardev, and the option that said so. */
    private record Use(String where, String chardev) {}

    private static final long RETRY_MS = 50;

    private final List<ChardevConfig> chardevs = new ArrayList<>();
    private final Set<String> chardevIds = new HashSet<>();
    private final List<Optional<String>> serials = new ArrayList<>();
    private final List<MonitorConfig> monitors = new ArrayList<>();
    private final Set<String> monitorIds = new HashSet<>();
    private final List<Use> uses = new ArrayList<>();
    private final List<String> warnings;
    private boolean monitorGiven;
    private int implicitMonitors;
    private Optional<String> qtest = Optional.empty();

    ConsoleOptions(List<String> warnings) {
        this.warnings = warnings;
    }

    /** {@code -chardev}. */
    void chardev(Properties properties) throws CommandLineException {
        ChardevConfig config = ChardevOption.read(properties);
        if (chardevIds.contains(config.id())) {
            throw properties.error("Duplicate ID '" + config.id() + "' for chardev");
        }
        add(properties.where(), config);
    }

    private void add(String where, ChardevConfig config) throws CommandLineException {
        if (config instanceof ChardevConfig.Stdio) {
            for (ChardevConfig other : chardevs) {
                if (other instanceof ChardevConfig.Stdio) {
                    throw new CommandLineException(where + ": cannot use stdio by multiple character devices");
                }
            }
        }
        chardevIds.add(config.id());
        chardevs.add(config);
    }

    /** {@code -serial}. */
    void serial(String where, String text) throws CommandLineException {
        String label = "serial" + serials.size();
        if (text.equals("none")) {
            serials.add(Optional.empty());
        } else if (text.startsWith("chardev:")) {
            String chardev = text.substring(8);
            serials.add(Optional.of(chardev));
            uses.add(new Use(where, chardev));
        } else {
            boolean shared = text.startsWith("mon:");
            add(where, ChardevOption.oneWord(where, shared ? text.substring(4) : text, label, shared, warnings));
            serials.add(Optional.of(label));
            uses.add(new Use(where, label));
            if (shared) {
                monitors.add(new MonitorConfig("", MonitorConfig.Mode.READLINE, label, false));
                uses.add(new Use(where, label));
            }
        }
    }

    /** {@code -monitor}, {@code -qmp} and {@code -qmp-pretty}. */
    void monitor(String where, String text, MonitorConfig.Mode mode, boolean pretty) throws CommandLineException {
        monitorGiven = true;
        if (text.equals("none") && mode == MonitorConfig.Mode.READLINE) {
            return;
        }
        String chardev;
        if (text.startsWith("chardev:")) {
            chardev = text.substring(8);
        } else {
            chardev = "compat_monitor" + implicitMonitors++;
            add(where, ChardevOption.oneWord(where, text, chardev, false, warnings));
        }
        monitors.add(new MonitorConfig("", mode, chardev, pretty));
        uses.add(new Use(where, chardev));
    }

    /** {@code -qtest}: a test may begin to listen after this process has begun to connect, so a client tries again. */
    void qtest(String where, String text) throws CommandLineException {
        if (qtest.isPresent()) {
            throw new CommandLineException(where + ": there is one test already");
        }
        String chardev;
        if (text.startsWith("chardev:")) {
            chardev = text.substring(8);
        } else {
            chardev = "qtest";
            add(where, retrying(ChardevOption.oneWord(where, text, chardev, false, warnings)));
        }
        qtest = Optional.of(chardev);
        uses.add(new Use(where, chardev));
    }

    private static ChardevConfig retrying(ChardevConfig config) {
        if (config instanceof ChardevConfig.Socket socket && !socket.server() && socket.reconnectMs() == 0) {
            return new ChardevConfig.Socket(
                    socket.id(), socket.target(), false, false, RETRY_MS, socket.telnet(), socket.options());
        }
        return config;
    }

    /** The chardev of {@code -qtest}. */
    Optional<String> qtest() {
        return qtest;
    }

    /** {@code -mon}. */
    void mon(Properties properties) throws CommandLineException {
        monitorGiven = true;
        Optional<String> id = properties.takeId();
        String chardev = properties.require("chardev");
        String modeName = properties.take("mode").orElse("readline");
        MonitorConfig.Mode mode =
                switch (modeName) {
                    case "readline" -> MonitorConfig.Mode.READLINE;
                    case "control" -> MonitorConfig.Mode.CONTROL;
                    default -> throw properties.error("Parameter 'mode' does not accept value '" + modeName + "'");
                };
        boolean pretty = properties.takeFlag("pretty", false);
        if (id.isPresent() && !monitorIds.add(id.get())) {
            throw properties.error("Duplicate ID '" + id.get() + "' for mon");
        }
        properties.end();
        monitors.add(new MonitorConfig(id.orElse(""), mode, chardev, pretty));
        uses.add(new Use(properties.where(), chardev));
    }

    /**
     * Adds the monitors that were made as objects, then what QEMU gives a machine of which nothing is said, and checks
     * that each chardev exists and has one user (or is shared on purpose).
     *
     * @param defaults false after {@code -nodefaults}
     * @param terminal whether an unnamed serial line is the terminal's: true unless {@code -display none} was given
     */
    void finish(List<MonitorConfig> objects, boolean defaults, boolean terminal) throws CommandLineException {
        for (MonitorConfig monitor : objects) {
            monitors.add(monitor);
            uses.add(new Use("", monitor.chardev()));
        }
        if (defaults) {
            addDefaults(terminal, monitorGiven || !objects.isEmpty());
        }
        Map<String, ChardevConfig> byId = new HashMap<>();
        for (ChardevConfig chardev : chardevs) {
            byId.put(chardev.id(), chardev);
        }
        Set<String> used = new HashSet<>();
        for (Use use : uses) {
            String prefix = use.where().isEmpty() ? "" : use.where() + ": ";
            ChardevConfig chardev = byId.get(use.chardev());
            if (chardev == null) {
                throw new CommandLineException(prefix + "chardev \"" + use.chardev() + "\" not found");
            }
            if (!used.add(use.chardev()) && !chardev.options().mux()) {
                throw new CommandLineException(
                        prefix + "chardev '" + use.chardev() + "' is already in use (mux=on lets several share it)");
            }
        }
    }

    private void addDefaults(boolean terminal, boolean anyMonitor) throws CommandLineException {
        boolean noSerial = serials.isEmpty();
        if (!terminal) {
            if (noSerial) {
                serial("-display none", "null");
            }
        } else if (noSerial && !anyMonitor && stdioIsFree()) {
            serial("-nographic", "mon:stdio");
        } else if (noSerial) {
            serial("-nographic", stdioIsFree() ? "stdio" : "null");
        } else if (!anyMonitor && stdioIsFree()) {
            monitor("-nographic", "stdio", MonitorConfig.Mode.READLINE, false);
        }
    }

    private boolean stdioIsFree() {
        for (ChardevConfig chardev : chardevs) {
            if (chardev instanceof ChardevConfig.Stdio) {
                return false;
            }
        }
        return true;
    }

    List<ChardevConfig> chardevs() {
        return chardevs;
    }

    List<Optional<String>> serials() {
        return serials;
    }

    List<MonitorConfig> monitors() {
        return monitors;
    }
}
