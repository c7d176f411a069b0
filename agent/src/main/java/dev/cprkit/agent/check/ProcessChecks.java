package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import java.util.List;

/** Judges whether a new process would be in the same surroundings as the old one. Pure. */
final class ProcessChecks {
    private ProcessChecks() {}

    static void judge(CheckFacts facts, List<Finding> findings) {
        OldProcess old = facts.process();
        String subject = "process " + old.facts().pid();
        int uid = old.facts().uid();
        if (uid != facts.host().uid()) {
            findings.add(new Finding(
                    Code.OTHER_USER,
                    subject,
                    "it runs as user " + uid + ", and the new one would run as user "
                            + facts.host().uid(),
                    "run the update as user " + uid));
        }
        if (!old.otherNamespaces().isEmpty()) {
            findings.add(new Finding(
                    Code.OTHER_NAMESPACE,
                    subject,
                    "it is in other namespaces (" + String.join(", ", old.otherNamespaces())
                            + ") than the new one would be in",
                    "run the update in these, with nsenter -t " + old.facts().pid()));
        }
        String cgroup = facts.host().cgroup();
        if (!cgroup.isEmpty() && !old.cgroup().isEmpty() && !cgroup.equals(old.cgroup())) {
            findings.add(new Finding(
                    Code.OTHER_CGROUP,
                    subject,
                    "it is in control group " + old.cgroup() + ", and the new one would be in " + cgroup,
                    "run the update in a unit that lasts, not in a login session"));
        }
    }
}
