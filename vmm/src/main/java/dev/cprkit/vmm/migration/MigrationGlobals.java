package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.Optional;

/**
 * Presets of {@code -global migration.PROPERTY=VALUE}, the only way to configure a process whose monitor cannot be
 * reached yet (reference/qemu-cpr.md, section 1.3). Each is read as it is applied; whether they go together is asked
 * once, when all are there. Called while the process starts.
 */
public final class MigrationGlobals {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

    private final MigrationParameters parameters;
    private final MigrationCapabilities capabilities;
    private final StreamOptions stream;

    public MigrationGlobals(MigrationParameters parameters, MigrationCapabilities capabilities, StreamOptions stream) {
        this.parameters = parameters;
        this.capabilities = capabilities;
        this.stream = stream;
    }

    /** Applies one; the error's text is for the command line's user. */
    public void apply(String property, String value) throws QmpError {
        try {
            if (!applyKnown(property, value)) {
                throw QmpError.generic("Property 'migration." + property + "' not found");
            }
        } catch (QmpError e) {
            throw QmpError.generic("can't apply global migration." + property + "=" + value + ": " + e.getMessage());
        }
    }

    /** Refuses values out of their range and capabilities that conflict, when all have been applied. */
    public void check() throws QmpError {
        parameters.checkAll();
        capabilities.checkAll();
    }

    private boolean applyKnown(String property, String value) throws QmpError {
        Optional<StreamOptions.Part> part = StreamOptions.Part.of(property);
        if (part.isPresent()) {
            stream.set(part.get(), flag(property, value));
            return true;
        }
        Optional<MigrationCapability> capability = capability(property);
        if (capability.isPresent()) {
            capabilities.preset(capability.get(), flag(property, value));
            return true;
        }
        Optional<MigrationParameter> parameter = parameter(property);
        if (parameter.isPresent()) {
            parameters.preset(parameter.get(), parse(property, parameter.get(), value));
            return true;
        }
        return other(property, value);
    }

    /** Properties of features that are not there: as in QEMU, they do nothing while the feature is off. */
    private boolean other(String property, String value) throws QmpError {
        switch (property) {
            case "multifd-flush-after-each-section",
                    "x-preempt-pre-7-2",
                    "switchover-ack-legacy",
                    "multifd-clean-tls-termination" -> {
                boolean ignored = flag(property, value);
            }
            case "x-clear-bitmap-shift" ->
                stream.clearBitmapShift(integer(property, value, 8).intValue());
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Optional<MigrationCapability> capability(String property) {
        return switch (property) {
            case "postcopy-blocktime", "mapped-ram", "x-colo", "x-ignore-shared" -> MigrationCapability.of(property);
            case "x-late-block-activate",
                    "x-validate-uuid",
                    "x-dirty-bitmaps",
                    "x-pause-before-switchover",
                    "x-mapped-ram",
                    "x-postcopy-blocktime" -> Optional.empty();
            default -> property.startsWith("x-") ? MigrationCapability.of(property.substring(2)) : Optional.empty();
        };
    }

    private static Optional<MigrationParameter> parameter(String property) {
        return switch (property) {
            case "x-max-bandwidth",
                    "x-downtime-limit",
                    "x-cpu-throttle-initial",
                    "x-cpu-throttle-increment",
                    "x-cpu-throttle-tailslow",
                    "x-throttle-trigger-threshold" -> MigrationParameter.of(property.substring(2));
            case "max-bandwidth",
                    "downtime-limit",
                    "cpu-throttle-initial",
                    "cpu-throttle-increment",
                    "cpu-throttle-tailslow",
                    "throttle-trigger-threshold",
                    "cpr-exec-command",
                    "block-bitmap-mapping",
                    "direct-io",
                    "cpr-uri" -> Optional.empty();
            default -> MigrationParameter.of(property);
        };
    }

    private static JsonValue parse(String property, MigrationParameter parameter, String value) throws QmpError {
        return switch (parameter.kind()) {
            case BOOL -> new JsonBool(flag(property, value));
            case UINT8 -> number(integer(property, value, 8));
            case UINT32 -> number(integer(property, value, 32));
            case UINT64 -> number(integer(property, value, 64));
            case SIZE -> number(size(property, value));
            case POWER_OF_TWO ->
                number(
                        parameter == MigrationParameter.X_RDMA_CHUNK_SIZE
                                ? integer(property, value, 64)
                                : size(property, value));
            case ENUM -> {
                if (!parameter.choices().contains(value)) {
                    throw QmpError.generic("Parameter '" + property + "' does not accept value '" + value + "'");
                }
                yield new JsonString(value);
            }
            case STRING, STRINGS, LIST -> new JsonString(value);
        };
    }

    private static JsonNumber number(BigInteger value) {
        return new JsonNumber(value, value.doubleValue());
    }

    private static boolean flag(String property, String value) throws QmpError {
        return SettingText.flag(value)
                .orElseThrow(() -> QmpError.generic("Parameter '" + property + "' expects 'on' or 'off'"));
    }

    /** An integer without suffix, decimal or after 0x; a negative one counts down from 2^64. */
    private static BigInteger integer(String property, String value, int bits) throws QmpError {
        BigInteger number;
        try {
            boolean hexadecimal = value.startsWith("0x") || value.startsWith("0X");
            number = hexadecimal ? new BigInteger(value.substring(2), 16) : new BigInteger(value);
        } catch (NumberFormatException e) {
            throw QmpError.generic("Parameter '" + property + "' expects uint64");
        }
        if (number.compareTo(LIMIT) >= 0 || number.signum() < 0 && number.bitLength() > 63) {
            throw QmpError.generic("Parameter '" + property + "' expects uint64");
        }
        BigInteger unsigned = number.mod(LIMIT);
        if (unsigned.bitLength() > bits) {
            throw QmpError.generic("Parameter '" + property + "' expects uint" + bits + "_t");
        }
        return unsigned;
    }

    private static BigInteger size(String property, String value) throws QmpError {
        Optional<BigInteger> size = SettingText.size(value, 0);
        if (size.isEmpty()) {
            throw QmpError.generic(
                    SettingText.isNumber(value)
                            ? "Value '" + value + "' is out of range for parameter '" + property + "'"
                            : "Parameter '" + property + "' expects a non-negative number below 2^64, with an optional"
                                    + " suffix k, M, G, T, P or E");
        }
        return size.get();
    }
}
