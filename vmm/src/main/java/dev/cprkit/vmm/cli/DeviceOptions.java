package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.machine.config.VirtioRngConfig;
import dev.cprkit.vmm.machine.config.WatchdogConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code -device DRIVER[,property=value...]}, also as JSON. The drivers are {@code virtio-rng-device}
 * and {@code cmsdk-apb-watchdog}. */
final class DeviceOptions {
    static final String HELP = """
        Misc devices:
        name "virtio-rng-device", bus virtio-bus

        Watchdog devices:
        name "cmsdk-apb-watchdog", bus System
        """;

    static final String WATCHDOG_HELP = """
        cmsdk-apb-watchdog options:
          id=<string>
        """;

    static final String RNG_HELP = """
        virtio-rng-device options:
          bus=<string>           - Transport to plug into, virtio-mmio-bus.0 to virtio-mmio-bus.7
          id=<string>
          max-bytes=<uint64>     -  (default: 9223372036854775807)
          period=<uint32>        -  (default: 65536)
          rng=<link<rng-backend>>
        """;

    private static final String RNG = "virtio-rng-device";
    private static final String BUS = "virtio-mmio-bus.";
    private static final int TRANSPORTS = 8;

    private final List<Properties> given = new ArrayList<>();
    private Optional<WatchdogConfig> watchdog = Optional.empty();

    /** One {@code -device}. Its properties are read in {@link #finish}: objects that it names may come later. */
    void option(Properties properties) throws CommandLineException {
        Optional<String> driver = properties.take("driver");
        if (driver.isEmpty() || driver.get().isEmpty()) {
            throw properties.error("Parameter 'driver' is missing");
        }
        if (!exists(driver.get())) {
            throw properties.error("'" + driver.get() + "' is not a valid device model name");
        }
        properties.set("driver", driver.get());
        given.add(properties);
    }

    static boolean exists(String driver) {
        return driver.equals(RNG) || driver.equals(CmsdkWatchdog.MODEL);
    }

    /** What {@code help} tells of a driver, or of all if there is no such. */
    static String help(String driver) {
        return switch (driver) {
            case RNG -> RNG_HELP;
            case CmsdkWatchdog.MODEL -> WATCHDOG_HELP;
            default -> HELP;
        };
    }

    /** The watchdog; call {@link #finish} before. */
    Optional<WatchdogConfig> watchdog() {
        return watchdog;
    }

    /** The devices, each in its transport. */
    List<VirtioRngConfig> finish(List<RngConfig> rngs) throws CommandLineException {
        List<VirtioRngConfig> devices = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        boolean[] taken = new boolean[TRANSPORTS];
        for (Properties properties : given) {
            Optional<String> id = properties.takeId();
            if (id.isPresent() && !ids.add(id.get())) {
                throw properties.error("Duplicate ID '" + id.get() + "' for device");
            }
            String driver = properties.require("driver");
            if (driver.equals(CmsdkWatchdog.MODEL)) {
                takeWatchdog(id, properties);
                continue;
            }
            devices.add(new VirtioRngConfig(
                    id, rng(properties, rngs), transport(properties, taken), maxBytes(properties), period(properties)));
            refuseMore(RNG, properties);
        }
        return devices;
    }

    private void takeWatchdog(Optional<String> id, Properties properties) throws CommandLineException {
        refuseMore(CmsdkWatchdog.MODEL, properties);
        if (watchdog.isPresent()) {
            throw properties.error("the board has a place for one watchdog only");
        }
        watchdog = Optional.of(new WatchdogConfig(id));
    }

    private static void refuseMore(String driver, Properties properties) throws CommandLineException {
        if (!properties.names().isEmpty()) {
            throw properties.error(
                    "Property '" + driver + "." + properties.names().getFirst() + "' not found");
        }
    }

    private static Optional<String> rng(Properties properties, List<RngConfig> rngs) throws CommandLineException {
        Optional<String> name = properties.take("rng");
        if (name.isEmpty()) {
            return name;
        }
        for (RngConfig rng : rngs) {
            if (rng.id().equals(name.get())) {
                return name;
            }
        }
        throw properties.error("Device '" + name.get() + "' not found");
    }

    /** The transport that is named, or else the highest that is free, as on QEMU's board. */
    private static int transport(Properties properties, boolean[] taken) throws CommandLineException {
        Optional<String> bus = properties.take("bus");
        for (int i = TRANSPORTS - 1; i >= 0; i--) {
            if (bus.isPresent() ? bus.get().equals(BUS + i) : !taken[i]) {
                if (taken[i]) {
                    throw properties.error("Bus '" + bus.get() + "' is full");
                }
                taken[i] = true;
                return i;
            }
        }
        throw properties.error(
                bus.isPresent()
                        ? "Bus '" + bus.get() + "' not found"
                        : "No 'virtio-bus' bus found for device 'virtio-rng-device'");
    }

    private static long maxBytes(Properties properties) throws CommandLineException {
        OptionalLong bytes = properties.takeNumber("max-bytes");
        if (bytes.isPresent() && bytes.getAsLong() == 0) {
            throw properties.error("'max-bytes' parameter must be positive, and less than 2^63");
        }
        return bytes.orElse(Long.MAX_VALUE);
    }

    private static long period(Properties properties) throws CommandLineException {
        OptionalLong period = properties.takeNumber("period");
        if (period.isPresent() && (period.getAsLong() == 0 || period.getAsLong() > 0xffffffffL)) {
            throw properties.error("'period' parameter expects a positive integer");
        }
        return period.orElse(1 << 16);
    }
}
