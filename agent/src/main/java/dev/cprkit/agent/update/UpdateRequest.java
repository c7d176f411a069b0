package dev.cprkit.agent.update;

import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is asked for.
 *
 * @param qmp the old process's QMP socket, or a link to it
 * @param program the new program; the old process's own path if empty
 * @param timeout for everything until the guest is in the new process; backing out has limits of its own
 * @param modes how the guest may get there, the best first: the first whose checks find nothing against it is taken
 * @param pauseBudget the longest pause that may be expected; empty for any
 * @param probation for how long the guest is watched in the new program before the update is committed; may be zero
 * @param stateFolder where a guest's state is kept while no process has it; empty for the folder of saved states in
 *     {@link dev.cprkit.agent.home.Home}
 */
public record UpdateRequest(
        Path qmp,
        Optional<Path> program,
        Duration timeout,
        List<MigMode> modes,
        Optional<Duration> pauseBudget,
        Duration probation,
        Optional<Path> stateFolder) {
    public UpdateRequest {
        modes = List.copyOf(modes);
        if (modes.isEmpty() || modes.contains(MigMode.NORMAL)) {
            throw new IllegalArgumentException("an update takes one or more of the cpr modes, not " + modes);
        }
    }

    /** With states in the usual folder. */
    public UpdateRequest(
            Path qmp,
            Optional<Path> program,
            Duration timeout,
            List<MigMode> modes,
            Optional<Duration> pauseBudget,
            Duration probation) {
        this(qmp, program, timeout, modes, pauseBudget, probation, Optional.empty());
    }

    /** In one mode, whatever the pause, and without probation. */
    public static UpdateRequest of(Path qmp, Optional<Path> program, Duration timeout, MigMode mode) {
        return new UpdateRequest(qmp, program, timeout, List.of(mode), Optional.empty(), Duration.ZERO);
    }
}
