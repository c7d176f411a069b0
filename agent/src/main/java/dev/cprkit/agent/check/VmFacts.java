package dev.cprkit.agent.check;

import dev.cprkit.agent.monitor.MemoryBackend;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the old VM says about itself, for the checks to judge.
 *
 * @param modeRefusal why it does not accept the mode; empty if it does
 * @param migrationRunning whether a migration is under way
 * @param blockedReasons why it would refuse to migrate in that mode
 * @param auxRamShare the machine's {@code aux-ram-share}; empty if it has no such property
 * @param chardevs from label to where it leads
 * @param arguments of its command line
 */
public record VmFacts(
        String runState,
        Optional<String> modeRefusal,
        boolean migrationRunning,
        List<String> blockedReasons,
        List<MemoryBackend> memory,
        Optional<Boolean> auxRamShare,
        Map<String, String> chardevs,
        List<String> arguments) {}
