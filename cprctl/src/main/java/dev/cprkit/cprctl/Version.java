package dev.cprkit.cprctl;

import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest, "development" when run from class files. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"cprctl " + (version == null ? "development" : version)};
    }
}
