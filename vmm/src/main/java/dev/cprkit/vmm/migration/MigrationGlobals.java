package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.migration.MigrationParameter.Kind;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.Optional;

/**
 * Presets of {@code -global migration.PROPERTY=VALUE}, the only way to configure a process whose monitor cannot be
 * reached yet (reference/qemu-cpr.md, section 1.3). Called while the process starts.
 */
public final class MigrationGlobals {
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

    private boolean applyKnown(String property, String value) throws QmpError {
        Optional<StreamOptions.Part> part = StreamOptions.Part.of(property);
        if (part.isPresent()) {
            stream.set(part.get(), flag(property, value));
            return true;
        }
        Optional<MigrationCapability> capability = capability(property);
        if (capability.isPresent()) {
            capabilities.set(capability.get(), flag(property, value));
            return true;
        }
        Optional<MigrationParameter> parameter = parameter(property);
        if (parameter.isPresent()) {
            parameters.set(parameter.get(), parse(property, parameter.get(), value));
            return true;
        }
        return inert(property, value);
    }

    /** Properties of parts of QEMU's stream that no mode of ours has: their default is accepted. */
    private static boolean inert(String property, String value) throws QmpError {
        switch (property) {
            case "multifd-flush-after-each-section", "x-preempt-pre-7-2", "switchover-ack-legacy" -> {
                if (flag(property, value)) {
                    throw QmpError.generic("this program has no such stream; leave it off");
                }
            }
            case "multifd-clean-tls-termination" -> flag(property, value);
            case "x-clear-bitmap-shift" -> number(property, value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Optional<MigrationCapability> capability(String property) {
        return switch (property) {
            case "postcopy-blocktime", "mapped-ram", "x-colo", "x-ignore-shared" -> MigrationCapability.of(property);
            case "x-late-block-activate", "x-validate-uuid", "x-dirty-bitmaps", "x-pause-before-switchover" ->
                Optional.empty();
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
                    "direct-io" -> Optional.empty();
            default -> MigrationParameter.of(property);
        };
    }

    private static JsonValue parse(String property, MigrationParameter parameter, String value) throws QmpError {
        if (parameter.kind() == Kind.BOOL) {
            return new JsonBool(flag(property, value));
        }
        if (parameter.kind().isNumber()) {
            BigInteger number = number(property, value);
            return new JsonNumber(number, number.doubleValue());
        }
        return new JsonString(value);
    }

    private static boolean flag(String property, String value) throws QmpError {
        return SettingText.flag(value)
                .orElseThrow(() -> QmpError.generic("Parameter '" + property + "' expects 'on' or 'off'"));
    }

    private static BigInteger number(String property, String value) throws QmpError {
        return SettingText.size(value, 0)
                .orElseThrow(() -> QmpError.generic("Parameter '" + property + "' expects a number"));
    }
}
