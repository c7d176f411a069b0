package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.QemuOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What becomes of one option of the old command line, or a new one.
 *
 * @param old its words; empty if it is new
 * @param next its words; empty if it goes
 * @param reason why it changes; empty if it stays
 */
public record CommandChange(List<String> old, List<String> next, String reason) {
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("incoming", "the new process waits for this guest"),
            Map.entry("loadvm", "the guest's state comes from the old process"),
            Map.entry("S", "it would stop a guest that was running; one that was stopped stays so"),
            Map.entry("daemonize", "whoever starts the new process detaches it, and sees its messages until then"),
            Map.entry("chardev", "the old process owns its socket or writes its file until it ends"),
            Map.entry("serial", "the old process owns its socket or writes its file until it ends"),
            Map.entry("qmp", "the old process owns its socket until it ends, and nothing may wait for a client"),
            Map.entry("monitor", "the old process owns its socket until it ends, and nothing may wait for a client"),
            Map.entry("pidfile", "the old process has its pid file locked until it ends"),
            Map.entry("M", "an alias may be another machine in another release"),
            Map.entry("machine", "an alias may be another machine in another release"),
            Map.entry("run-with", "the new process has another parent"),
            Map.entry("vnc", "the old process owns its socket until it ends"),
            Map.entry("display", "the old process owns its socket until it ends"));

    public CommandChange {
        old = List.copyOf(old);
        next = List.copyOf(next);
    }

    /** Whether anything changes. */
    public boolean changes() {
        return !old.equals(next);
    }

    /** Option by option, in the order of the new command line; what goes stands where it was. Both without the program. */
    static List<CommandChange> between(List<String> oldArguments, List<String> newArguments) {
        List<QemuOption> old = QemuOption.parse(oldArguments);
        List<QemuOption> next = QemuOption.parse(newArguments);
        List<CommandChange> changes = new ArrayList<>();
        int at = 0;
        for (QemuOption option : old) {
            int same = at < next.size() && isSuccessor(option, next.get(at), next.size() - at) ? at : -1;
            if (same < 0
                    && at + 1 < next.size()
                    && next.get(at + 1).name().equals(option.name())
                    && next.get(at).name().equals("chardev")) {
                changes.add(change(List.of(), next.get(at), option.name())); // a short form, written out
                same = ++at;
            }
            if (same < 0) {
                changes.add(new CommandChange(option.words(), List.of(), reason(option.name())));
            } else {
                changes.add(change(option.words(), next.get(at), option.name()));
                at++;
            }
        }
        for (; at < next.size(); at++) {
            changes.add(change(List.of(), next.get(at), next.get(at).name()));
        }
        return changes;
    }

    /** Whether {@code next} is what became of {@code option}, and not a new option at the end. */
    private static boolean isSuccessor(QemuOption option, QemuOption next, int left) {
        boolean goes = option.name().equals("incoming") && left > 0;
        return !goes && option.name().equals(next.name());
    }

    private static CommandChange change(List<String> old, QemuOption next, String name) {
        return new CommandChange(old, next.words(), old.equals(next.words()) ? "" : reason(name));
    }

    private static String reason(String name) {
        return REASONS.getOrDefault(name, "the new process needs it like that");
    }
}
