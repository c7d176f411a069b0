package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The stream's configuration: what both machines must have in common (reference/qemu-cpr.md, section 3.3). */
final class Configuration {
    private static final int MAX_NAME = 4096;
    static final VmState<Configuration> STATE = VmState.<Configuration>of("configuration", 1)
            .u32("len", c -> c.machine.length, (c, v) -> c.machine = new byte[(int) Math.min(v, MAX_NAME)])
            .varBuffer("name", c -> c.machine.length, c -> c.machine, (c, v) -> c.machine = v)
            .subsection(VmState.<Configuration>of("configuration/capabilities", 1)
                    .u32("caps_count", c -> c.capabilityCount, (c, v) -> c.capabilityCount = v)
                    .texts(
                            "capabilities",
                            "capability",
                            c -> c.capabilityCount,
                            c -> c.capabilities,
                            (c, v) -> c.capabilities = v)
                    .needed(c -> !c.capabilities.isEmpty())
                    .build())
            .subsection(VmState.<Configuration>of("configuration/uuid", 1)
                    .buffer("uuid", 16, c -> c.uuid)
                    .needed(c -> c.sendsUuid)
                    .postLoad((c, version) -> c.hasUuid = true)
                    .build())
            .build();

    private byte[] machine = new byte[0];
    private List<String> capabilities = List.of();
    private long capabilityCount;
    private byte[] uuid = new byte[16];
    private boolean sendsUuid;
    private boolean hasUuid;

    private Configuration() {}

    /** One to receive into. */
    static Configuration empty() {
        return new Configuration();
    }

    /** This machine's. {@code uuid} is 16 bytes, or none if it has no UUID. */
    static Configuration local(String machineType, MigrationCapabilities capabilities, byte[] uuid) {
        Configuration configuration = new Configuration();
        List<String> validated = new ArrayList<>();
        configuration.machine = machineType.getBytes(StandardCharsets.UTF_8);
        for (MigrationCapability capability :
                List.of(MigrationCapability.X_IGNORE_SHARED, MigrationCapability.MAPPED_RAM)) {
            if (capabilities.has(capability)) {
                validated.add(capability.qapiName());
            }
        }
        configuration.capabilities = validated;
        configuration.capabilityCount = validated.size();
        if (uuid.length == 16) {
            configuration.uuid = uuid.clone();
            configuration.hasUuid = true;
            configuration.sendsUuid = capabilities.has(MigrationCapability.VALIDATE_UUID);
        }
        return configuration;
    }

    /** Refuses a stream of another machine; this is the local configuration. */
    void check(Configuration received) throws StateException {
        String name = new String(received.machine, StandardCharsets.UTF_8);
        String local = new String(machine, StandardCharsets.UTF_8);
        if (!local.startsWith(name)) {
            throw new StateException("Machine type received is '" + name + "' and local is '" + local + "'");
        }
        checkCapabilities(received);
        if (received.hasUuid && hasUuid && !Arrays.equals(uuid, received.uuid)) {
            throw new StateException("UUID received is " + text(received.uuid) + " and local is " + text(uuid));
        }
    }

    private void checkCapabilities(Configuration received) throws StateException {
        List<String> theirs = received.capabilities;
        for (String name : theirs) {
            if (MigrationCapability.of(name).isEmpty()) {
                throw new StateException("Received unknown capability " + name);
            }
        }
        for (String name : List.of("x-ignore-shared", "mapped-ram")) {
            boolean here = capabilities.contains(name);
            if (here != theirs.contains(name)) {
                throw new StateException("Capability " + name + " is " + (here ? "on" : "off")
                        + ", but received capability is " + (here ? "off" : "on")
                        + ": Failed to validate capabilities");
            }
        }
    }

    private static String text(byte[] uuid) {
        String hex = HexFormat.of().formatHex(uuid);
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }
}
