package dev.cprkit.proto.client;

import com.fasterxml.jackson.databind.JsonNode;

/** The version in the greeting. {@code packageName} names the build and may be empty. */
public record QmpVersion(int major, int minor, int micro, String packageName) {
    static QmpVersion of(JsonNode greeting) {
        JsonNode version = greeting.path("version");
        JsonNode qemu = version.path("qemu");
        return new QmpVersion(
                qemu.path("major").asInt(),
                qemu.path("minor").asInt(),
                qemu.path("micro").asInt(),
                version.path("package").asText("").strip());
    }

    /** Whether this is the release {@code major.minor} or a later one. */
    public boolean isAtLeast(int major, int minor) {
        return this.major > major || (this.major == major && this.minor >= minor);
    }

    @Override
    public String toString() {
        String number = major + "." + minor + "." + micro;
        return packageName.isEmpty() ? number : number + " (" + packageName + ")";
    }
}
