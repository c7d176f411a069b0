package dev.cprkit.agent.daemon;

import dev.cprkit.agent.vm.VmOverviews;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The modes that VMs could be updated in, remembered for a while. A VM that has moved to another process has another socket,
 * and is looked at anew. Any thread may call.
 */
final class KnownModes implements VmOverviews.Modes {
    private static final int MOST = 10_000;

    private final VmOverviews.Modes modes;
    private final Duration fresh;
    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    private record Known(Optional<List<MigMode>> modes, long at) {}

    /** @param fresh for so long an answer holds */
    KnownModes(VmOverviews.Modes modes, Duration fresh) {
        this.modes = modes;
        this.fresh = fresh;
    }

    @Override
    public Optional<List<MigMode>> usable(Path qmp) {
        Path socket = real(qmp);
        Known before = known.get(socket);
        if (before != null && System.nanoTime() - before.at() < freshness(before.modes())) {
            return before.modes();
        }
        Optional<List<MigMode>> now = modes.usable(qmp);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(socket, new Known(now, System.nanoTime()));
        return now;
    }

    /** That there is none may be because of an operation that ends soon. */
    private long freshness(Optional<List<MigMode>> answer) {
        boolean some = answer.isPresent() && !answer.get().isEmpty();
        return some ? fresh.toNanos() : fresh.toNanos() / 10;
    }

    private static Path real(Path qmp) {
        try {
            return qmp.toRealPath();
        } catch (IOException e) {
            return qmp;
        }
    }
}
