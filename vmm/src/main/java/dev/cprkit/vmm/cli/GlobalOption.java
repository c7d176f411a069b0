package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.GlobalProperty;
import java.util.List;
import java.util.Optional;

/** {@code -global DRIVER.PROPERTY=VALUE} and {@code -global driver=DRIVER,property=PROPERTY,value=VALUE}. Stateless. */
final class GlobalOption {
    private GlobalOption() {}

    static GlobalProperty parse(String where, String text, List<String> warnings) throws CommandLineException {
        GlobalProperty global = read(where, text, warnings);
        if (!global.driver().equals("migration")
                && !global.driver().equals("virtio-mmio")
                && !global.driver().equals("virtio-rng-device")) {
            warnings.add("warning: global " + global.driver() + "." + global.property() + " has invalid class name");
        }
        return global;
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
}
