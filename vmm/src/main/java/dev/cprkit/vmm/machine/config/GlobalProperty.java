package dev.cprkit.vmm.machine.config;

/**
 * {@code -global driver.property=value}: a property's value, set before its owner exists. The owner checks it, and names
 * the whole as {@code driver.property=value} when it has to refuse it.
 */
public record GlobalProperty(String driver, String property, String value) {
    /** As it is written on a command line. */
    public String text() {
        return driver + "." + property + "=" + value;
    }
}
