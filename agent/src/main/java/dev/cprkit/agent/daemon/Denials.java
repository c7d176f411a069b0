package dev.cprkit.agent.daemon;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which requests of callers without the right to them are written down: the first ones of each caller in a minute. Whoever
 * may do nothing else could fill the journal's disk with them otherwise. Any thread may call.
 */
final class Denials {
    private static final int MOST = 10;
    private static final int CALLERS = 1024;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final Map<String, Count> counts = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > CALLERS;
        }
    };

    private record Count(long since, int denials) {}

    /** Whether this one of that caller is to be written down. */
    synchronized boolean isNews(String who) {
        long now = System.nanoTime();
        Count before = counts.get(who);
        if (before == null || now - before.since() > WINDOW.toNanos()) {
            before = new Count(now, 0);
        }
        counts.put(who, new Count(before.since(), Math.min(MOST + 1, before.denials() + 1)));
        return before.denials() < MOST;
    }
}
