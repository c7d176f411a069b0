package dev.cprkit.agent.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to {@code query-migrate} (reference/qemu-cpr.md, section 8.3).
 *
 * @param statusName as sent, "none" if there never was a migration
 * @param error why it failed, empty if it did not
 * @param blockedReasons why the current mode is refused
 * @param downtimeMillis the source's own measure, which without a return path leaves out the target's part
 */
public record MigrationInfo(
        String statusName, String error, List<String> blockedReasons, Optional<Long> downtimeMillis) {
    static MigrationInfo of(JsonNode reply) {
        List<String> reasons = new ArrayList<>();
        reply.path("blocked-reasons").forEach(reason -> reasons.add(reason.asText()));
        return new MigrationInfo(
                reply.path("status").asText("none"),
                reply.path("error-desc").asText(""),
                List.copyOf(reasons),
                reply.has("downtime") ? Optional.of(reply.path("downtime").asLong()) : Optional.empty());
    }

    /** Whether the status is this one. */
    public boolean is(MigrationStatus status) {
        return statusName.equals(status.qapiName());
    }

    /** Whether it goes on; a status that we do not know counts as going on. */
    public boolean isRunning() {
        return MigrationStatus.of(statusName).map(MigrationStatus::isRunning).orElse(true);
    }
}
