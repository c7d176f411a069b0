package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.migration.MigrationParameter.Kind;
import dev.cprkit.vmm.migration.ram.RamFormat;
import dev.cprkit.vmm.migration.ram.RamStatistics;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the human monitor shows of migration (reference/qemu-cpr.md, sections 8.5 and 8.6). Stateless. */
final class MigrationText {
    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private MigrationText() {}

    /** {@code info migrate}; {@code all} adds what the stream consists of. */
    static void info(Migration migration, boolean all, HmpOutput out) {
        List<String> blocked = migration.blockedReasons();
        if (!blocked.isEmpty()) {
            out.println("Outgoing migration blocked:");
            for (String reason : blocked) {
                out.println("  " + reason);
            }
        }
        Optional<OutgoingMigration> outgoing = migration.outgoing();
        MigrationProgress progress = outgoing.isPresent()
                ? migration.progress()
                : migration.incoming().progress();
        if (progress.status() != MigrationStatus.NONE) {
            boolean explain = progress.status() == MigrationStatus.FAILED
                    && !progress.error().isEmpty();
            out.println("Status: \t\t" + progress.status().qapiName() + (explain ? " (" + progress.error() + ")" : ""));
        }
        if (outgoing.isPresent()) {
            outgoing(progress.status(), outgoing.get().times(), out);
        } else {
            migration.incoming().listensAt().ifPresent(at -> out.print("Sockets: [\n\t" + uri(at) + "\n]\n"));
        }
        if (all) {
            globals(migration, out);
        }
    }

    private static void outgoing(MigrationStatus status, MigrationTimes times, HmpOutput out) {
        boolean done = status == MigrationStatus.COMPLETED;
        boolean begun = done
                || status == MigrationStatus.ACTIVE
                || status == MigrationStatus.PRE_SWITCHOVER
                || status == MigrationStatus.DEVICE
                || status == MigrationStatus.CANCELLING
                || status == MigrationStatus.FAILING;
        if (!begun) {
            return;
        }
        out.println("Time (ms): \t\ttotal=" + times.total() + ", setup=" + times.setup()
                + (done
                        ? ", down=" + times.downtime()
                        : ", exp_down=" + times.ram().expectedDowntime()));
        if (!done) {
            out.println("Remaining: \t\t" + size(times.ram().remaining()));
        }
        ram(times.ram(), out);
    }

    private static void ram(RamStatistics ram, HmpOutput out) {
        out.println("RAM info:");
        out.println("  Throughput (Mbps): \t" + String.format(Locale.ROOT, "%.2f", ram.mbps()));
        out.println("  Sizes: \t\tpagesize=" + size(RamFormat.PAGE) + ", total=" + size(ram.total()));
        out.println("  Transfers: \t\ttransferred=" + size(ram.transferred()) + ", remain=" + size(ram.remaining()));
        out.println("    Channels: \t\tprecopy=" + size(ram.precopyBytes()) + ", multifd=0 B, postcopy=0 B");
        out.println("    Page Types: \tnormal=" + ram.normalPages() + ", zero=" + ram.zeroPages());
        out.println("  Page Rates (pps): \ttransfer=" + ram.pagesPerSecond()
                + (ram.dirtyPagesRate() > 0 ? ", dirty=" + ram.dirtyPagesRate() : ""));
        out.println("  Others: \t\tdirty_syncs=" + ram.syncs()
                + (ram.downtimeBytes() > 0 ? ", downtime_bytes=" + ram.downtimeBytes() : ""));
    }

    private static void globals(Migration migration, HmpOutput out) {
        out.println("Globals:");
        for (StreamOptions.Part part : StreamOptions.Part.values()) {
            out.println("  " + part.property() + ": " + onOff(migration.stream().has(part)));
            if (part == StreamOptions.Part.STORE_GLOBAL_STATE) {
                out.println("  only-migratable: " + onOff(migration.blockers().isOnlyMigratable()));
            }
        }
        out.println("  clear-bitmap-shift: " + migration.stream().clearBitmapShift());
    }

    private static String uri(SocketAddress address) {
        return switch (address) {
            case SocketAddress.Inet a -> "tcp:" + a.text();
            case SocketAddress.Unix a -> "unix:" + a.text();
            case SocketAddress.Vsock a -> a.text();
            case SocketAddress.Fd a -> a.text();
        };
    }

    /** {@code info migrate_capabilities}. */
    static void capabilities(MigrationCapabilities capabilities, HmpOutput out) {
        for (MigrationCapability capability : MigrationCapability.values()) {
            out.println(capability.qapiName() + ": " + onOff(capabilities.has(capability)));
        }
    }

    /** {@code info migrate_parameters}. */
    static void parameters(MigrationParameters parameters, HmpOutput out) {
        for (MigrationParameter parameter : MigrationParameter.values()) {
            boolean hidden = parameter == MigrationParameter.MULTIFD_ZLIB_LEVEL
                    || parameter == MigrationParameter.MULTIFD_ZSTD_LEVEL
                    || parameter == MigrationParameter.MULTIFD_QATZIP_LEVEL;
            Optional<JsonValue> value = parameters.get(parameter);
            if (!hidden && value.isPresent()) {
                String text = text(parameter, value.get());
                out.println(parameter.qapiName() + (text.isEmpty() ? ":" : ": " + text));
            }
        }
    }

    private static String text(MigrationParameter parameter, JsonValue value) {
        return switch (value) {
            case JsonNumber number -> number.integer() + parameter.unit();
            case JsonBool(boolean on) -> onOff(on);
            case JsonString(String string) -> parameter.kind() == Kind.STRING ? "'" + string + "'" : string;
            case JsonArray array -> words(array);
            case JsonObject ignored -> "";
            case JsonNull ignored -> "";
        };
    }

    private static String words(JsonArray array) {
        StringBuilder line = new StringBuilder();
        for (JsonValue value : array.values()) {
            if (value instanceof JsonString(String word)) {
                line.append(line.isEmpty() ? "" : " ").append(word);
            }
        }
        return line.toString();
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    /** Three significant digits and a binary unit: {@code 4 KiB}, {@code 1.5 GiB}. */
    static String size(long bytes) {
        BigDecimal value = BigDecimal.valueOf(bytes);
        BigDecimal step = BigDecimal.valueOf(1024);
        int unit = 0;
        while (value.compareTo(step) >= 0 && unit < UNITS.length - 1) {
            value = value.divide(step);
            unit++;
        }
        BigDecimal rounded = value.round(new MathContext(3, RoundingMode.HALF_EVEN));
        String digits =
                rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        return digits + " " + UNITS[unit] + "B";
    }
}
