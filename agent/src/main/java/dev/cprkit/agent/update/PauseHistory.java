package dev.cprkit.agent.update;

import dev.cprkit.proto.qapi.MigMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How long a VM stood still in earlier updates. Any thread may call. */
public interface PauseHistory {
    /** Nothing is known. */
    PauseHistory NONE = mode -> List.of();

    /** The pauses of this VM's earlier updates in a mode, in any order. */
    List<Duration> pauses(MigMode mode);

    /** What to expect of the next update in a mode: the median of those before; empty if there was none. */
    default Optional<Duration> expected(MigMode mode) {
        List<Duration> sorted = pauses(mode).stream().sorted().toList();
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
    }
}
