package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.monitor.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what the old VM says about itself, for mode cpr-transfer (reference/qemu-cpr.md, sections 10.3 and 11). Pure.
 */
public final class VmChecks {
    private static final Set<String> STATES = Set.of("running", "paused", "suspended", "prelaunch");

    /** Labels of character devices that stand on the command line without an id. */
    private static final List<String> IMPLICIT_CHARDEVS =
            List.of("serial", "parallel", "compat_monitor", "gdb", "vnc", "debugcon", "virtcon", "mon");

    private VmChecks() {}

    /** Everything there is to say, in a stable order. */
    public static List<Finding> findings(VmFacts vm) {
        List<Finding> findings = new ArrayList<>();
        runState(vm, findings);
        mode(vm, findings);
        memory(vm, findings);
        hotPlugged(vm, findings);
        chardevs(vm, findings);
        return findings;
    }

    private static void runState(VmFacts vm, List<Finding> findings) {
        if (!STATES.contains(vm.runState())) {
            findings.add(new Finding(
                    Code.RUN_STATE,
                    "the VM",
                    "its run state is " + vm.runState(),
                    "an update needs one of running, paused, suspended, prelaunch"));
        }
        if (vm.migrationRunning()) {
            findings.add(new Finding(
                    Code.MIGRATION_RUNNING,
                    "the VM",
                    "a migration is under way",
                    "wait for its end, or cancel it with migrate_cancel"));
        }
    }

    private static void mode(VmFacts vm, List<Finding> findings) {
        vm.modeRefusal()
                .ifPresent(refusal -> findings.add(new Finding(
                        Code.MODE_UNSUPPORTED,
                        "mode cpr-transfer",
                        "the old process does not know it (" + refusal + ")",
                        "QEMU has it from 10.0 on: this VM must be restarted once with a newer program")));
        for (String reason : vm.blockedReasons()) {
            findings.add(new Finding(
                    Code.BLOCKED,
                    "the VM",
                    "it refuses: " + reason,
                    "remove what blocks it, or restart the VM without it"));
        }
    }

    private static void memory(VmFacts vm, List<Finding> findings) {
        for (MemoryBackend backend : vm.memory()) {
            if (!backend.share()) {
                findings.add(new Finding(
                        Code.MEMORY_NOT_SHARED,
                        backend.id().isEmpty() ? "guest memory" : "memory backend " + backend.id(),
                        "it is private to the old process",
                        "restart the VM once with -object memory-backend-memfd,share=on,id=ID,size=SIZE"
                                + " -machine memory-backend=ID"));
            }
        }
        // Without memory of that kind the property does not matter, so ask for it only if something is blocked.
        if (vm.auxRamShare().equals(Optional.of(false)) && !vm.blockedReasons().isEmpty()) {
            findings.add(new Finding(
                    Code.AUX_RAM_NOT_SHARED,
                    "machine property aux-ram-share",
                    "it is off, so memory of devices and firmware is private to the old process",
                    "restart the VM once with -machine aux-ram-share=on"));
        }
    }

    private static void hotPlugged(VmFacts vm, List<Finding> findings) {
        for (MemoryBackend backend : vm.memory()) {
            if (backend.share() && !backend.id().isEmpty() && !isNamed(vm, backend.id())) {
                findings.add(notOnCommandLine("memory backend " + backend.id()));
            }
        }
        for (String label : vm.chardevs().keySet()) {
            if (IMPLICIT_CHARDEVS.stream().noneMatch(label::startsWith) && !isNamed(vm, label)) {
                findings.add(notOnCommandLine("character device " + label));
            }
        }
    }

    private static Finding notOnCommandLine(String subject) {
        return new Finding(
                Code.NOT_ON_COMMAND_LINE,
                subject,
                "it was added while the VM ran, so the new process would be another machine",
                "remove it first, or restart the VM with it on the command line");
    }

    private static boolean isNamed(VmFacts vm, String id) {
        return vm.arguments().stream().anyMatch(word -> word.contains("id=" + id) || word.contains('"' + id + '"'));
    }

    private static void chardevs(VmFacts vm, List<Finding> findings) {
        for (Map.Entry<String, String> chardev : vm.chardevs().entrySet()) {
            if (chardev.getValue().equals("stdio")) {
                findings.add(new Finding(
                        Code.STDIO_CHARDEV,
                        "character device " + chardev.getKey(),
                        "it is on the old process's terminal, which the new process does not have",
                        "its output goes to the new process's log; use a socket to keep a console"));
            } else if (chardev.getValue().startsWith("pty")) {
                findings.add(new Finding(
                        Code.PTY_CHARDEV,
                        "character device " + chardev.getKey(),
                        "the new process gets another pseudo-terminal than " + chardev.getValue(),
                        "reconnect to the new one, or use a socket"));
            }
        }
    }
}
