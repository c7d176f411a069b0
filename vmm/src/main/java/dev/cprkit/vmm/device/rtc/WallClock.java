package dev.cprkit.vmm.device.rtc;

import java.time.Instant;

/** The time of day. Any thread. */
@FunctionalInterface
public interface WallClock {
    /** Nanoseconds since 1970-01-01T00:00:00Z. */
    long nanos();

    /** The host's (CLOCK_REALTIME). */
    static WallClock host() {
        return () -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        };
    }
}
