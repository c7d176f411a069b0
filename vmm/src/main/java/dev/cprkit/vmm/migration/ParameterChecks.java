package dev.cprkit.vmm.migration;

import static dev.cprkit.vmm.migration.MigrationParameter.ANNOUNCE_INITIAL;
import static dev.cprkit.vmm.migration.MigrationParameter.ANNOUNCE_MAX;
import static dev.cprkit.vmm.migration.MigrationParameter.ANNOUNCE_ROUNDS;
import static dev.cprkit.vmm.migration.MigrationParameter.ANNOUNCE_STEP;
import static dev.cprkit.vmm.migration.MigrationParameter.BLOCK_BITMAP_MAPPING;
import static dev.cprkit.vmm.migration.MigrationParameter.CPR_URI;
import static dev.cprkit.vmm.migration.MigrationParameter.CPU_THROTTLE_INCREMENT;
import static dev.cprkit.vmm.migration.MigrationParameter.CPU_THROTTLE_INITIAL;
import static dev.cprkit.vmm.migration.MigrationParameter.DIRECT_IO;
import static dev.cprkit.vmm.migration.MigrationParameter.DOWNTIME_LIMIT;
import static dev.cprkit.vmm.migration.MigrationParameter.MAX_CPU_THROTTLE;
import static dev.cprkit.vmm.migration.MigrationParameter.MULTIFD_CHANNELS;
import static dev.cprkit.vmm.migration.MigrationParameter.MULTIFD_QATZIP_LEVEL;
import static dev.cprkit.vmm.migration.MigrationParameter.MULTIFD_ZLIB_LEVEL;
import static dev.cprkit.vmm.migration.MigrationParameter.MULTIFD_ZSTD_LEVEL;
import static dev.cprkit.vmm.migration.MigrationParameter.THROTTLE_TRIGGER_THRESHOLD;
import static dev.cprkit.vmm.migration.MigrationParameter.VCPU_DIRTY_LIMIT;
import static dev.cprkit.vmm.migration.MigrationParameter.XBZRLE_CACHE_SIZE;
import static dev.cprkit.vmm.migration.MigrationParameter.X_RDMA_CHUNK_SIZE;
import static dev.cprkit.vmm.migration.MigrationParameter.X_VCPU_DIRTY_LIMIT_PERIOD;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.migration.MigrationParameter.Kind;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Whether a set of parameters can be, in the order in which QEMU 11.1 finds fault. Stateless. */
final class ParameterChecks {
    private static final List<MigrationParameter> ORDER = List.of(
            THROTTLE_TRIGGER_THRESHOLD,
            CPU_THROTTLE_INITIAL,
            CPU_THROTTLE_INCREMENT,
            DOWNTIME_LIMIT,
            MULTIFD_CHANNELS,
            MULTIFD_ZLIB_LEVEL,
            MULTIFD_QATZIP_LEVEL,
            MULTIFD_ZSTD_LEVEL,
            XBZRLE_CACHE_SIZE,
            MAX_CPU_THROTTLE,
            ANNOUNCE_INITIAL,
            ANNOUNCE_MAX,
            ANNOUNCE_ROUNDS,
            ANNOUNCE_STEP,
            BLOCK_BITMAP_MAPPING,
            X_VCPU_DIRTY_LIMIT_PERIOD,
            VCPU_DIRTY_LIMIT,
            DIRECT_IO,
            X_RDMA_CHUNK_SIZE,
            CPR_URI);

    private ParameterChecks() {}

    /** Refuses the first value that is out of its range; the types have been checked. */
    static void check(Map<MigrationParameter, JsonValue> all) throws QmpError {
        for (MigrationParameter parameter : ORDER) {
            JsonValue value = all.get(parameter);
            if (value instanceof JsonNumber(BigInteger number, double ignored)) {
                range(parameter, number, all);
            } else if (parameter == BLOCK_BITMAP_MAPPING && value instanceof JsonArray mapping) {
                BitmapMapping.check(mapping);
            } else if (parameter == DIRECT_IO && value instanceof JsonBool(boolean on) && on) {
                throw QmpError.generic("No build-time support for direct-io");
            } else if (parameter == CPR_URI && value instanceof JsonString(String uri)) {
                cprUri(uri);
            }
        }
    }

    private static void range(MigrationParameter parameter, BigInteger number, Map<MigrationParameter, JsonValue> all)
            throws QmpError {
        BigInteger least = parameter.least();
        if (parameter == MAX_CPU_THROTTLE && all.get(CPU_THROTTLE_INITIAL) instanceof JsonNumber initial) {
            least = initial.integer();
        }
        if (number.compareTo(least) < 0
                || number.compareTo(parameter.most()) > 0
                || parameter.kind() == Kind.POWER_OF_TWO && number.bitCount() != 1) {
            throw QmpError.generic(parameter.rangeError());
        }
    }

    private static void cprUri(String uri) throws QmpError {
        if (!uri.isEmpty() && (!uri.startsWith("unix:") || uri.length() == "unix:".length())) {
            throw QmpError.generic("bad cpr-uri " + uri + "; must be unix:");
        }
    }
}
