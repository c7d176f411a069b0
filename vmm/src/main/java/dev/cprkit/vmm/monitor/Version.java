package dev.cprkit.vmm.monitor;

/**
 * What a monitor says of this program: the level of QEMU's interface that it follows, and which build it is. The
 * build's version comes from the jar's manifest (Implementation-Version), so that it is written down once, in the pom.
 *
 * @param packageText follows the numbers without a space: {@code  (cprkit 1.2.3)}
 */
public record Version(int major, int minor, int micro, String packageText) {
    /** This program. */
    public static Version current() {
        return new Version(11, 1, 1, " (cprkit " + build() + ")");
    }

    /** The build's own version: {@code 1.2.3}; {@code unpackaged} when it does not run from its jar. */
    public static String build() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    /** The numbers: {@code 11.1.1}. */
    public String numbers() {
        return major + "." + minor + "." + micro;
    }
}
