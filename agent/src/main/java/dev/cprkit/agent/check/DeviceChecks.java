package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.DeviceFacts.Device;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Judges whether the command line still describes the machine. Pure. */
final class DeviceChecks {
    /** Labels of character devices, and ids of objects, that stand on the command line without an id. */
    private static final List<String> IMPLICIT = List.of(
            "serial", "parallel", "compat_monitor", "gdb", "vnc", "debugcon", "virtcon", "mon", "vdagent", "qtest");

    /** Options that make devices without {@code -device}. */
    private static final Set<String> DEVICE_MAKERS = Set.of(
            "nic",
            "net",
            "drive",
            "hda",
            "hdb",
            "hdc",
            "hdd",
            "cdrom",
            "usbdevice",
            "virtfs",
            "vga",
            "watchdog",
            "audio",
            "soundhw",
            "virtioconsole",
            "sd",
            "fda",
            "fdb",
            "vmcoreinfo",
            "readconfig");

    /** Where devices without an id are. */
    private static final String WITHOUT_ID = "/machine/peripheral-anon/";

    private DeviceChecks() {}

    static void judge(CheckFacts facts, List<Finding> findings) {
        Set<String> known = hotplugged(facts, findings);
        plugged(facts, known, findings);
        backends(facts, known, findings);
        terminals(facts, findings);
        for (Device device : facts.vm().devices().plugged()) {
            if (device.type().startsWith("vfio-")
                    && !facts.vm().migration().runState().equals("suspended")) {
                findings.add(new Finding(
                        Code.VFIO_NOT_SUSPENDED,
                        device.text(),
                        "in this mode the guest itself must have brought it to rest",
                        "suspend the guest first: guest-suspend-ram by its guest agent"));
            }
        }
    }

    /** What the new process is given too, and what it cannot be given; returns the ids of both. */
    private static Set<String> hotplugged(CheckFacts facts, List<Finding> findings) {
        Set<String> known = new TreeSet<>();
        Hotplugged hotplugged = facts.vm().devices().hotplugged();
        for (PlugCommand command : hotplugged.commands()) {
            known.add(lastWord(command.subject()));
            findings.add(new Finding(
                    Code.HOT_PLUGGED,
                    command.subject(),
                    "it was added while the VM ran, and a new process without it would refuse the guest's state",
                    "the new process gets it too, with " + command.command()));
        }
        for (Finding finding : hotplugged.findings()) {
            known.add(lastWord(finding.subject()));
            findings.add(finding);
        }
        return known;
    }

    private static String lastWord(String text) {
        return text.substring(text.lastIndexOf(' ') + 1);
    }

    private static void plugged(CheckFacts facts, Set<String> known, List<Finding> findings) {
        List<DeviceOption> options = DeviceOption.all(facts.process().options());
        List<DeviceOption> anonymous = new ArrayList<>(
                options.stream().filter(option -> option.id().isEmpty()).toList());
        boolean othersMake =
                facts.process().options().stream().map(QemuOption::name).anyMatch(DEVICE_MAKERS::contains);
        Set<String> present = new TreeSet<>();
        for (Device device : facts.vm().devices().plugged()) {
            if (device.id().isEmpty()) {
                boolean found = anonymous.stream()
                        .filter(option -> option.isOf(device.type()))
                        .findFirst()
                        .map(anonymous::remove)
                        .orElse(othersMake);
                if (!found && known.stream().noneMatch(id -> id.startsWith(WITHOUT_ID))) {
                    findings.add(added(device.text()));
                }
            } else {
                present.add(device.id());
                if (!known.contains(device.id())
                        && options.stream().noneMatch(option -> option.id().equals(device.id()))) {
                    findings.add(added(device.text()));
                }
            }
        }
        for (DeviceOption option : options) {
            if (!option.id().isEmpty() && !present.contains(option.id())) {
                findings.add(new Finding(
                        Code.UNPLUGGED,
                        "device " + option.id() + " (" + option.driver() + ")",
                        "it was removed while the VM ran, and the command line still has it",
                        "add it again with device_add, or restart the VM without it"));
            }
        }
    }

    private static void backends(CheckFacts facts, Set<String> known, List<Finding> findings) {
        DeviceFacts devices = facts.vm().devices();
        Map<String, String> others = new TreeMap<>();
        for (String id : devices.objects()) {
            if (!id.equals(facts.vm().machine().mainMemory())) {
                others.put(id, "object ");
            }
        }
        devices.nodes().forEach(node -> others.put(node, "block node "));
        devices.chardevs().keySet().forEach(label -> others.put(label, "character device "));
        for (MemoryBackend backend : facts.vm().machine().memory()) {
            if (!backend.id().isEmpty() && backend.share()) {
                others.put(backend.id(), "memory backend ");
            }
        }
        others.forEach((id, kind) -> {
            if (!known.contains(id) && IMPLICIT.stream().noneMatch(id::startsWith) && !isNamed(facts.process(), id)) {
                findings.add(added(kind + id));
            }
        });
    }

    private static Finding added(String subject) {
        return new Finding(
                Code.NOT_ON_COMMAND_LINE,
                subject,
                "it was added while the VM ran, so the new process would be another machine",
                "remove it first, or restart the VM with it on the command line");
    }

    static boolean isNamed(OldProcess process, String id) {
        List<String> arguments = process.program().arguments();
        return QemuOption.isNamed(arguments, id) || arguments.contains("chardev:" + id);
    }

    private static void terminals(CheckFacts facts, List<Finding> findings) {
        new TreeMap<>(facts.vm().devices().chardevs()).forEach((label, leadsTo) -> {
            if (leadsTo.equals("stdio")) {
                findings.add(new Finding(
                        Code.STDIO_CHARDEV,
                        "character device " + label,
                        "it is on the old process's terminal, which the new process does not have",
                        "its output goes to the new process's log; use a socket to keep a console"));
            } else if (leadsTo.startsWith("pty")) {
                findings.add(new Finding(
                        Code.PTY_CHARDEV,
                        "character device " + label,
                        "the new process gets another pseudo-terminal than " + leadsTo,
                        "reconnect to the new one, or use a socket"));
            }
        });
    }
}
