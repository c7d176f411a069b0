package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.device.ManualClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventThrottleTest {
    private static final long SECOND = 1_000_000_000L;

    private final ManualClock clock = new ManualClock(5);
    private final List<JsonObject> sent = new ArrayList<>();
    private final EventThrottle throttle = new EventThrottle(clock, sent::add);

    @Test
    void sendsTheFirstAtOnceAndTheLastOfEachSecond() {
        throttle.offer("WATCHDOG", event(1));
        throttle.offer("WATCHDOG", event(2));
        throttle.offer("WATCHDOG", event(3));
        assertThat(sent).containsExactly(event(1));
        clock.advance(SECOND);
        assertThat(sent).containsExactly(event(1), event(3));
        throttle.offer("WATCHDOG", event(4));
        assertThat(sent).hasSize(2);
        clock.advance(SECOND);
        assertThat(sent).hasSize(3);
        clock.advance(SECOND);
        throttle.offer("WATCHDOG", event(5));
        assertThat(sent).containsExactly(event(1), event(3), event(4), event(5));
    }

    @Test
    void leavesOtherEventsAlone() {
        throttle.offer("STOP", event(1));
        throttle.offer("STOP", event(2));
        assertThat(sent).containsExactly(event(1), event(2));
    }

    private static JsonObject event(int number) {
        return new JsonObject().put("number", number);
    }
}
