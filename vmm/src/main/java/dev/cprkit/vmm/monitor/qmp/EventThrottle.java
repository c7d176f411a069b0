package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.run.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Keeps a guest from flooding monitors: of an event that a guest can raise as often as it likes, the first in a second is
 * sent at once, and of the others only the last, when the second is over. Machine lock held; timers are the main loop's.
 */
final class EventThrottle {
    private static final Set<String> THROTTLED = Set.of("WATCHDOG");
    private static final long PERIOD_NS = 1_000_000_000L;

    private final Clock clock;
    private final Consumer<JsonObject> send;
    private final Map<String, Held> held = new HashMap<>();

    /** An event that was sent less than a second ago, and the last one of its kind since. */
    private final class Held {
        private final String event;
        private final Clock.Timer timer;
        private Optional<JsonObject> last = Optional.empty();

        Held(String event) {
            this.event = event;
            this.timer = clock.timer(this::over);
            arm();
        }

        private void arm() {
            timer.arm(clock.now() + PERIOD_NS);
        }

        private void over() {
            if (last.isPresent()) {
                send.accept(last.get());
                last = Optional.empty();
                arm();
            } else {
                held.remove(event);
            }
        }
    }

    /** @param send sends an event to all monitors */
    EventThrottle(Clock clock, Consumer<JsonObject> send) {
        this.clock = clock;
        this.send = send;
    }

    /** Sends an event now, or later if another of its kind has not come by then. */
    void offer(String event, JsonObject message) {
        if (!THROTTLED.contains(event)) {
            send.accept(message);
            return;
        }
        Held earlier = held.get(event);
        if (earlier == null) {
            held.put(event, new Held(event));
            send.accept(message);
        } else {
            earlier.last = Optional.of(message);
        }
    }
}
