package dev.cprkit.cprctl.daemon;

import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest, "development" when run from class files. */
final class AgentVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = AgentVersion.class.getPackage().getImplementationVersion();
        return new String[] {"cpr-agent " + (version == null ? "development" : version)};
    }
}
