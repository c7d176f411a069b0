package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.ProgramFacts.Release;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Judges the new program (reference/qemu-cpr.md, section 9). Pure. */
final class ProgramChecks {
    private static final String SYSTEM = "qemu-system-";

    /** The release that knows each mode as the side that takes over. */
    private static final Map<MigMode, int[]> SINCE = Map.of(
            MigMode.CPR_TRANSFER, new int[] {10, 0},
            MigMode.CPR_EXEC, new int[] {10, 2},
            MigMode.CPR_REBOOT, new int[] {8, 2});

    private ProgramChecks() {}

    static void judge(MigMode mode, CheckFacts facts, List<Finding> findings) {
        ProgramFacts next = facts.next();
        String subject = next.path().toString();
        next.trouble()
                .ifPresent(trouble -> findings.add(
                        new Finding(trouble.code(), subject, trouble.problem(), "name the new program with --to")));
        if (facts.vm().version().isAtLeast(11, 0)
                && ProgramProbe.kind(facts.vm().version().packageName()).equals("QEMU")) {
            findings.add(new Finding(
                    Code.MIGRATE_URI,
                    "QEMU " + facts.vm().version(),
                    "told to migrate with a uri in this mode it ends itself, and the guest with it",
                    "the engine names both channels, always"));
        }
        kind(facts, subject, findings);
        next.release().ifPresent(release -> release(mode, facts.vm().version(), release, subject, findings));
        timer(facts, findings);
        machine(facts, subject, findings);
        devices(facts, subject, findings);
    }

    private static void kind(CheckFacts facts, String subject, List<Finding> findings) {
        String old = ProgramProbe.kind(facts.vm().version().packageName());
        String next = facts.next().release().map(Release::kind).orElse(old);
        if (!old.equals(next)) {
            findings.add(new Finding(
                    Code.PROGRAM_OTHER_KIND,
                    subject,
                    "it is " + next + ", and the VM runs in " + old + ", whose state it cannot read",
                    "name a program of the same kind with --to"));
        }
        String file = facts.next().path().getFileName().toString();
        String processor = facts.vm().processor();
        if (file.startsWith(SYSTEM)
                && !processor.isEmpty()
                && !file.substring(SYSTEM.length()).startsWith(processor)) {
            findings.add(new Finding(
                    Code.PROGRAM_OTHER_KIND,
                    subject,
                    "it is for another processor than " + processor,
                    "name a program for " + processor + " with --to"));
        }
    }

    private static void release(MigMode mode, QmpVersion old, Release next, String subject, List<Finding> findings) {
        int[] since = SINCE.getOrDefault(mode, new int[] {0, 0});
        if (!next.isAtLeast(since[0], since[1])) {
            findings.add(new Finding(
                    Code.MODE_UNSUPPORTED,
                    subject,
                    "it is version " + next.text() + ", which cannot take over a guest in mode " + mode.qapiName(),
                    "name a program of " + since[0] + "." + since[1] + " or later with --to"));
        }
        // From 10.1 on the CPR state has a subsection that 10.0 does not know.
        if (old.isAtLeast(10, 1) && !next.isAtLeast(10, 1)) {
            findings.add(new Finding(
                    Code.STATE_VERSION,
                    subject,
                    "it is version " + next.text() + ", which cannot read the CPR state of version " + old,
                    "name a program of 10.1 or later with --to, or take mode cpr-reboot"));
        }
        if (!next.isAtLeast(old.major(), old.minor())) {
            findings.add(new Finding(
                    Code.PROGRAM_OLDER,
                    subject,
                    "it is version " + next.text() + ", and the VM runs in the later version " + old,
                    "what only the later version knows of a device may keep it from taking over; the guest"
                            + " then stays"));
        }
    }

    /** The deadline of the ACLINT's timer is in QEMU's stream from 10.2 on: seen with 10.0.13, and gone with 11.1.3. */
    private static void timer(CheckFacts facts, List<Finding> findings) {
        QmpVersion old = facts.vm().version();
        if (facts.vm().processor().startsWith("riscv")
                && ProgramProbe.kind(old.packageName()).equals("QEMU")
                && !old.isAtLeast(10, 2)) {
            findings.add(new Finding(
                    Code.TIMER_LOST,
                    "QEMU " + old,
                    "it does not hand on when the machine's timer is to ring: a guest that sleeps until then sleeps"
                            + " for ever, and is called running",
                    "guests that set the supervisor's timer (Sstc), as Linux does on QEMU's own processors, wake; for"
                            + " others restart the VM once with QEMU 10.2 or later"));
        }
    }

    private static void machine(CheckFacts facts, String subject, List<Finding> findings) {
        String type = facts.vm().machine().type();
        Set<String> machines = facts.next().machines();
        if (!type.isEmpty() && !machines.isEmpty() && !machines.contains(type)) {
            findings.add(new Finding(
                    Code.MACHINE_MISSING,
                    subject,
                    "it has no machine of type " + type,
                    "name a program that has it with --to: see its -machine help"));
        }
        boolean versioned = isVersioned(type)
                || facts.vm().machine().types().stream()
                        .anyMatch(other -> other.startsWith(type + "-") && isVersioned(other));
        boolean otherRelease = facts.next()
                .release()
                .map(release -> release.major() != facts.vm().version().major()
                        || release.minor() != facts.vm().version().minor())
                .orElse(false);
        if (!type.isEmpty() && !versioned && otherRelease) {
            findings.add(new Finding(
                    Code.MACHINE_UNVERSIONED,
                    "machine " + type,
                    "no version holds it stable, so another release's may differ, and refuse the guest's state",
                    "the guest then stays in the old process; try with a VM that does not matter first"));
        }
    }

    /** {@code pc-q35-10.0}. */
    private static boolean isVersioned(String type) {
        String version = type.substring(type.lastIndexOf('-') + 1);
        int dot = version.indexOf('.');
        return dot > 0 && dot < version.length() - 1 && version.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }

    private static void devices(CheckFacts facts, String subject, List<Finding> findings) {
        Set<String> known = facts.next().devices();
        if (known.isEmpty()) {
            return;
        }
        Set<String> missing = new TreeSet<>();
        facts.vm().devices().plugged().forEach(device -> missing.add(device.type()));
        missing.removeAll(known);
        for (String type : missing) {
            findings.add(new Finding(
                    Code.DEVICE_MISSING,
                    subject,
                    "it has no device of type " + type,
                    "name a program that has it with --to: see its -device help"));
        }
    }
}
