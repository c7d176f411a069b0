package dev.cprkit.agent.check;

import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the old VM says about migration.
 *
 * @param runState the run state's name
 * @param running whether a migration is under way
 * @param mode the mode that is set
 * @param modes what it says to each mode; one that is missing was not asked, because something else is under way
 * @param capabilities which of them are on
 * @param parameters by name, as text
 * @param jobs what else is under way, each as {@code job backup0 (backup)}
 */
public record MigrationFacts(
        String runState,
        boolean running,
        String mode,
        Map<MigMode, ModeAnswer> modes,
        Map<String, Boolean> capabilities,
        Map<String, String> parameters,
        List<String> jobs) {
    public MigrationFacts {
        modes = Map.copyOf(modes);
        capabilities = Map.copyOf(capabilities);
        parameters = Map.copyOf(parameters);
        jobs = List.copyOf(jobs);
    }

    /**
     * What it says to a mode.
     *
     * @param refusal why it does not accept the mode; empty if it does
     * @param blockedReasons why it would refuse to migrate in that mode
     */
    public record ModeAnswer(Optional<String> refusal, List<String> blockedReasons) {
        public ModeAnswer {
            blockedReasons = List.copyOf(blockedReasons);
        }
    }
}
