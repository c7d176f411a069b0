package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.MigrationFacts.ModeAnswer;
import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Judges whether the VM can migrate now, and in that mode. Pure. */
final class MigrationChecks {
    private static final Set<String> STATES = Set.of("running", "paused", "suspended", "prelaunch");

    /** What stands in the way in the other run states, and what to do (reference/qemu-cpr.md, sections 2.1 and 2.3). */
    private static final Map<String, List<String>> OTHER_STATES = Map.of(
            "debug",
            List.of(
                    "a debugger has stopped it, and a new process that takes it over like that ends itself",
                    "let it go on in the debugger, detach that, and try again"),
            "postmigrate",
            List.of(
                    "it has been migrated, and another process may have the guest",
                    "find that process; this one must not go on with cont before it is certain that there is none"),
            "inmigrate",
            List.of("it still waits for a guest", "update it when the guest is there"),
            "guest-panicked",
            List.of(
                    "its guest has crashed, and would be just as dead in the new process",
                    "reset it with system_reset"),
            "io-error",
            List.of("a disk has failed", "repair the disk and let it go on with cont"),
            "shutdown",
            List.of("its guest has shut down", "reset it with system_reset, or end it"),
            "internal-error",
            List.of("its processor cannot go on", "reset it with system_reset"),
            "finish-migrate",
            List.of("a migration has stopped it and not ended", "wait for its end; if there is none, see its log"));

    /** Do not go with an update, in any mode (reference/qemu-cpr.md, section 1.2). */
    private static final Map<String, String> CONFLICTS = Map.of(
            "postcopy-ram", "QEMU cannot use postcopy with CPR",
            "postcopy-preempt", "QEMU cannot use postcopy with CPR",
            "dirty-bitmaps", "QEMU counts it as postcopy, which it cannot use with CPR",
            "background-snapshot", "QEMU cannot use it with CPR",
            "x-colo", "QEMU cannot use it with CPR",
            "pause-before-switchover", "it would hold the stopped guest until somebody says migrate-continue",
            "multifd", "the new process would have to have it too, before it can be told",
            "mapped-ram", "the new process would have to have it too, before it can be told");

    private static final Map<MigMode, String> SINCE =
            Map.of(MigMode.CPR_TRANSFER, "10.0", MigMode.CPR_EXEC, "10.2", MigMode.CPR_REBOOT, "8.2");

    private MigrationChecks() {}

    static void judge(MigMode mode, CheckFacts facts, List<Finding> findings) {
        MigrationFacts migration = facts.vm().migration();
        runState(migration, findings);
        mode(mode, migration, findings);
        capabilities(mode, migration, findings);
        for (String job : migration.jobs()) {
            findings.add(new Finding(
                    Code.JOB_RUNNING,
                    job,
                    "it ends with the old process, and the new one does not know of it",
                    "wait for its end, or end it first"));
        }
    }

    private static void runState(MigrationFacts migration, List<Finding> findings) {
        String state = migration.runState();
        if (!STATES.contains(state)) {
            List<String> known = OTHER_STATES.getOrDefault(
                    state, List.of("no guest can be taken over like that", "bring it to running or paused first"));
            findings.add(new Finding(
                    Code.RUN_STATE, "the VM", "its run state is " + state + ": " + known.getFirst(), known.getLast()));
        }
        if (migration.running()) {
            findings.add(new Finding(
                    Code.MIGRATION_RUNNING,
                    "the VM",
                    "a migration is under way",
                    "wait for its end, or cancel it with migrate_cancel"));
        }
    }

    private static void mode(MigMode mode, MigrationFacts migration, List<Finding> findings) {
        Optional<ModeAnswer> answer = Optional.ofNullable(migration.modes().get(mode));
        if (answer.isEmpty()) {
            return; // not asked, because something is under way, which is a finding of its own
        }
        answer.get()
                .refusal()
                .ifPresent(refusal -> findings.add(new Finding(
                        Code.MODE_UNSUPPORTED,
                        "mode " + mode.qapiName(),
                        "the old process does not know it (" + refusal + ")",
                        "QEMU has it from " + SINCE.getOrDefault(mode, "8.2")
                                + " on: this VM must be restarted once with a newer program")));
        for (String reason : answer.get().blockedReasons()) {
            findings.add(new Finding(
                    Code.BLOCKED,
                    "the VM",
                    "it refuses: " + reason,
                    "remove what blocks it, or restart the VM without it"));
        }
    }

    private static void capabilities(MigMode mode, MigrationFacts migration, List<Finding> findings) {
        migration.capabilities().entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .filter(CONFLICTS::containsKey)
                .sorted()
                .forEach(name -> findings.add(new Finding(
                        Code.CAPABILITY_CONFLICT,
                        "migration capability " + name,
                        CONFLICTS.get(name),
                        "switch it off with migrate-set-capabilities")));
        if (mode != MigMode.CPR_REBOOT && migration.capabilities().getOrDefault("x-ignore-shared", false)) {
            findings.add(new Finding(
                    Code.CAPABILITY_CONFLICT,
                    "migration capability x-ignore-shared",
                    "the new process would have to have it too, and this mode does not need it",
                    "switch it off with migrate-set-capabilities"));
        }
        if (!migration.parameters().getOrDefault("tls-creds", "").isEmpty()) {
            findings.add(new Finding(
                    Code.CAPABILITY_CONFLICT,
                    "migration parameter tls-creds",
                    "the main channel would be encrypted, and the new process does not expect that",
                    "set it to an empty string with migrate-set-parameters"));
        }
    }
}
