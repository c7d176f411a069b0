package dev.cprkit.vmm.monitor.qapi;

import java.util.List;

/**
 * A command as clients see it.
 *
 * @param arguments its arguments
 * @param result the type of its reply's {@code return} member
 * @param outOfBand whether it may be executed out of band
 * @param features {@code deprecated}, {@code unstable}
 */
public record QapiCommand(
        String name, QapiType.Structure arguments, QapiType result, boolean outOfBand, List<String> features) {}
