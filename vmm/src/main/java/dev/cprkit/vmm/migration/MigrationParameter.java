package dev.cprkit.vmm.migration;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * The migration parameters, in the order of {@code info migrate_parameters} (reference/qemu-cpr.md, sections 1.1 and
 * 8.6): type, default, range, and what an error says that was expected.
 */
public enum MigrationParameter {
    ANNOUNCE_INITIAL("announce-initial", Kind.SIZE, 50, 0, 100000, "a value between 0 and 100000", " ms"),
    ANNOUNCE_MAX("announce-max", Kind.SIZE, 550, 0, 100000, "a value between 0 and 100000", " ms"),
    ANNOUNCE_ROUNDS("announce-rounds", Kind.SIZE, 5, 0, 1000, "a value between 0 and 1000", ""),
    ANNOUNCE_STEP("announce-step", Kind.SIZE, 100, 1, 10000, "a value between 0 and 10000", " ms"),
    THROTTLE_TRIGGER_THRESHOLD(
            "throttle-trigger-threshold", Kind.UINT8, 50, 1, 100, "an integer in the range of 1 to 100", ""),
    CPU_THROTTLE_INITIAL("cpu-throttle-initial", Kind.UINT8, 20, 1, 99, "an integer in the range of 1 to 99", ""),
    CPU_THROTTLE_INCREMENT("cpu-throttle-increment", Kind.UINT8, 10, 1, 99, "an integer in the range of 1 to 99", ""),
    CPU_THROTTLE_TAILSLOW("cpu-throttle-tailslow"),
    MAX_CPU_THROTTLE(
            "max-cpu-throttle", Kind.UINT8, 99, 1, 99, "an integer in the range of cpu-throttle-initial to 99", ""),
    TLS_CREDS("tls-creds", Kind.STRING),
    TLS_HOSTNAME("tls-hostname", Kind.STRING),
    TLS_AUTHZ("tls-authz", Kind.STRING),
    MAX_BANDWIDTH("max-bandwidth", Kind.SIZE, 134217728, 0, -1, Text.ANY_BANDWIDTH, " bytes/second"),
    AVAIL_SWITCHOVER_BANDWIDTH("avail-switchover-bandwidth", Kind.SIZE, 0, 0, -1, Text.ANY_BANDWIDTH, " bytes/second"),
    MAX_POSTCOPY_BANDWIDTH("max-postcopy-bandwidth", Kind.SIZE, 0, 0, -1, Text.ANY_BANDWIDTH, " bytes/second"),
    DOWNTIME_LIMIT(
            "downtime-limit", Kind.UINT64, 300, 0, 2000000, "an integer in the range of 0 to (2000 * 1000) ms", " ms"),
    X_CHECKPOINT_DELAY("x-checkpoint-delay", Kind.UINT32, 20000, 0, 0xffff_ffffL, "uint32_t", " ms"),
    MULTIFD_CHANNELS("multifd-channels", Kind.UINT8, 2, 1, 255, "a value between 1 and 255", ""),
    MULTIFD_COMPRESSION("multifd-compression", List.of("none", "zlib", "zstd")),
    MULTIFD_ZLIB_LEVEL("multifd-zlib-level", Kind.UINT8, 1, 0, 9, "a value between 0 and 9", ""),
    MULTIFD_ZSTD_LEVEL("multifd-zstd-level", Kind.UINT8, 1, 0, 20, "a value between 0 and 20", ""),
    MULTIFD_QATZIP_LEVEL("multifd-qatzip-level", Kind.UINT8, 1, 1, 9, "a value between 1 and 9", ""),
    ZERO_PAGE_DETECTION("zero-page-detection", List.of("multifd", "none", "legacy")),
    XBZRLE_CACHE_SIZE(
            "xbzrle-cache-size",
            Kind.POWER_OF_TWO,
            67108864,
            StreamFormat.PAGE_SIZE,
            -1,
            "a power of two no less than the target page size",
            " bytes"),
    BLOCK_BITMAP_MAPPING("block-bitmap-mapping", Kind.LIST),
    X_VCPU_DIRTY_LIMIT_PERIOD(
            "x-vcpu-dirty-limit-period", Kind.UINT64, 1000, 1, 1000, "a value between 1 and 1000", " ms"),
    VCPU_DIRTY_LIMIT("vcpu-dirty-limit", Kind.UINT64, 1, 1, -1, "", " MB/s"),
    MODE("mode", List.of("normal", "cpr-reboot", "cpr-transfer", "cpr-exec")),
    DIRECT_IO("direct-io"),
    X_RDMA_CHUNK_SIZE(
            "x-rdma-chunk-size",
            Kind.POWER_OF_TWO,
            1 << 20,
            1 << 20,
            1 << 30,
            "a power of 2 in the range 1MiB to 1024MiB",
            " bytes"),
    CPR_EXEC_COMMAND("cpr-exec-command", Kind.STRINGS),
    /** Of an earlier form of the interface: where the CPR channel is; now an entry of {@code channels}. */
    CPR_URI("cpr-uri", Kind.STRING);

    /** The order in which QEMU's input visitor meets them: of several values of a wrong type the first is named. */
    static final List<MigrationParameter> VISITED = List.of(
            ANNOUNCE_INITIAL,
            ANNOUNCE_MAX,
            ANNOUNCE_ROUNDS,
            ANNOUNCE_STEP,
            THROTTLE_TRIGGER_THRESHOLD,
            CPU_THROTTLE_INITIAL,
            CPU_THROTTLE_INCREMENT,
            CPU_THROTTLE_TAILSLOW,
            TLS_CREDS,
            TLS_HOSTNAME,
            TLS_AUTHZ,
            MAX_BANDWIDTH,
            AVAIL_SWITCHOVER_BANDWIDTH,
            DOWNTIME_LIMIT,
            X_CHECKPOINT_DELAY,
            MULTIFD_CHANNELS,
            XBZRLE_CACHE_SIZE,
            MAX_POSTCOPY_BANDWIDTH,
            MAX_CPU_THROTTLE,
            MULTIFD_COMPRESSION,
            MULTIFD_ZLIB_LEVEL,
            MULTIFD_QATZIP_LEVEL,
            MULTIFD_ZSTD_LEVEL,
            BLOCK_BITMAP_MAPPING,
            X_VCPU_DIRTY_LIMIT_PERIOD,
            VCPU_DIRTY_LIMIT,
            MODE,
            ZERO_PAGE_DETECTION,
            DIRECT_IO,
            X_RDMA_CHUNK_SIZE,
            CPR_EXEC_COMMAND,
            CPR_URI);

    /** The types of parameters. */
    enum Kind {
        UINT8("uint8_t"),
        UINT32("uint32_t"),
        UINT64("uint64"),
        SIZE("uint64"),
        POWER_OF_TWO("uint64"),
        BOOL("boolean"),
        STRING("StrOrNull"),
        ENUM("string"),
        STRINGS("array"),
        LIST("array");

        private final String qapiName;

        Kind(String qapiName) {
            this.qapiName = qapiName;
        }

        /** The QAPI name of the type, as error texts show it. */
        String qapiName() {
            return qapiName;
        }

        /** Whether values are integers. */
        boolean isNumber() {
            return ordinal() <= POWER_OF_TWO.ordinal();
        }
    }

    /** The texts of constants, which cannot refer to static fields of their own type. */
    private static final class Text {
        static final String ANY_BANDWIDTH = "an integer in the range of 0 to (18446744073709551615UL) bytes/second";
    }

    private final String qapiName;
    private final Kind kind;
    private final BigInteger initial;
    private final BigInteger least;
    private final BigInteger most;
    private final String expects;
    private final String unit;
    private final List<String> choices;

    MigrationParameter(String name, Kind kind, long initial, long least, long most, String expects, String unit) {
        this.qapiName = name;
        this.kind = kind;
        this.initial = BigInteger.valueOf(initial);
        this.least = BigInteger.valueOf(least);
        this.most = most < 0 ? BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE) : BigInteger.valueOf(most);
        this.expects = expects;
        this.unit = unit;
        this.choices = List.of();
    }

    MigrationParameter(String name, Kind kind, List<String> choices) {
        this.qapiName = name;
        this.kind = kind;
        this.initial = BigInteger.ZERO;
        this.least = BigInteger.ZERO;
        this.most = BigInteger.ZERO;
        this.expects = "";
        this.unit = "";
        this.choices = choices;
    }

    MigrationParameter(String name, Kind kind) {
        this(name, kind, List.of());
    }

    MigrationParameter(String name) {
        this(name, Kind.BOOL);
    }

    /** An enumeration; the first choice is the default. */
    MigrationParameter(String name, List<String> choices) {
        this(name, Kind.ENUM, choices);
    }

    /** The parameter of that name. */
    public static Optional<MigrationParameter> of(String qapiName) {
        for (MigrationParameter parameter : values()) {
            if (parameter.qapiName.equals(qapiName)) {
                return Optional.of(parameter);
            }
        }
        return Optional.empty();
    }

    /** The name on the wire. */
    public String qapiName() {
        return qapiName;
    }

    Kind kind() {
        return kind;
    }

    /** Whether it has no value, and is not listed, before somebody sets it. */
    boolean isAbsentAtFirst() {
        return this == BLOCK_BITMAP_MAPPING || this == CPR_URI;
    }

    /** A number's default. */
    BigInteger initial() {
        return initial;
    }

    BigInteger least() {
        return least;
    }

    BigInteger most() {
        return most;
    }

    /** What an error says of a number out of its range, with the names as QEMU 11.1 writes them. */
    String rangeError() {
        return switch (this) {
            case VCPU_DIRTY_LIMIT -> "Parameter 'vcpu-dirty-limit' must be greater than 1 MB/s";
            case X_RDMA_CHUNK_SIZE -> "Option x_rdma_chunk_size expects " + expects;
            default -> "Option " + qapiName + " expects " + expects;
        };
    }

    /** What an error says was expected. */
    String expects() {
        return expects;
    }

    /** What follows a number in {@code info migrate_parameters}. */
    String unit() {
        return unit;
    }

    /** An enumeration's names, the default first. */
    List<String> choices() {
        return choices;
    }
}
