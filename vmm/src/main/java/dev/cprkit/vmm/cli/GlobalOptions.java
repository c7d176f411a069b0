package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.GlobalProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code -global DRIVER.PROPERTY=VALUE} and {@code -global driver=DRIVER,property=PROPERTY,value=VALUE}. */
final class GlobalOptions {
    private final List<GlobalProperty> migration = new ArrayList<>();
    private boolean virtioLegacy = true;

    /** One {@code -global}. */
    void option(String where, String text, List<String> warnings) throws CommandLineException {
        GlobalProperty global = read(where, text, warnings);
        switch (global.driver()) {
            case "migration" -> migration.add(global);
            case "virtio-mmio" -> virtioLegacy = forceLegacy(global);
            case "virtio-rng-device" ->
                throw new CommandLineException(
                        where + ": set " + global.property() + " with -device virtio-rng-device instead");
            // QEMU goes on, too: a command line may name devices that a machine has not.
            default ->
                warnings.add(
                        "warning: global " + global.driver() + "." + global.property() + " has invalid class name");
        }
    }

    private static GlobalProperty read(String where, String text, List<String> warnings) throws CommandLineException {
        int equals = text.indexOf('=');
        int dot = text.indexOf('.');
        if (dot > 0 && equals > dot + 1) {
            return new GlobalProperty(
                    text.substring(0, dot), text.substring(dot + 1, equals), text.substring(equals + 1));
        }
        Properties properties = Properties.flags(where, text, "", warnings);
        Optional<String> driver = properties.take("driver");
        Optional<String> property = properties.take("property");
        Optional<String> value = properties.take("value");
        properties.end();
        if (driver.isEmpty() || property.isEmpty() || value.isEmpty()) {
            throw properties.error("options 'driver', 'property', and 'value' are required");
        }
        return new GlobalProperty(driver.get(), property.get(), value.get());
    }

    private static boolean forceLegacy(GlobalProperty global) throws CommandLineException {
        String failure = "can't apply global " + global.text() + ": ";
        if (!global.property().equals("force-legacy")) {
            throw new CommandLineException(failure + "Property 'virtio-mmio." + global.property() + "' not found");
        }
        return switch (global.value()) {
            case "on", "yes", "true", "y" -> true;
            case "off", "no", "false", "n" -> false;
            default -> throw new CommandLineException(failure + "Parameter 'force-legacy' expects 'on' or 'off'");
        };
    }

    /** The properties of {@code migration}, which checks them itself. */
    List<GlobalProperty> migration() {
        return migration;
    }

    /** {@code virtio-mmio.force-legacy}, on by default as in QEMU. */
    boolean virtioLegacy() {
        return virtioLegacy;
    }
}
