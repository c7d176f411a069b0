package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.DeviceFacts.Device;
import dev.cprkit.agent.check.DeviceFacts.Disk;
import dev.cprkit.agent.check.Finding.Code;
import java.util.List;
import java.util.Set;

/** Judges whether the new process can have the guest's disks and networks, and whether they are the same ones. Pure. */
final class DiskChecks {
    /** Drivers that take a device or a server for themselves alone. */
    private static final Set<String> EXCLUSIVE_DRIVERS =
            Set.of("nvme", "nvme-io_uring", "virtio-blk-vfio-pci", "virtio-blk-vhost-user", "virtio-blk-vhost-vdpa");

    /** Drivers that open a file of the host, and lock it. */
    private static final Set<String> LOCKING_DRIVERS = Set.of("file", "host_device");

    private DiskChecks() {}

    static void judge(CheckFacts facts, List<Finding> findings) {
        boolean snapshot =
                facts.process().options().stream().anyMatch(o -> o.name().equals("snapshot"));
        for (Disk disk : facts.vm().devices().disks()) {
            if (!snapshot && !isOnCommandLine(facts.process(), disk)) {
                findings.add(new Finding(
                        Code.DISK_CHANGED,
                        "disk " + disk.name(),
                        "it is on " + disk.file() + " now, and the command line names another image",
                        "bring the guest back to the image of the command line, or restart the VM with the new one"));
            }
            if (EXCLUSIVE_DRIVERS.contains(disk.driver())) {
                findings.add(exclusive("disk " + disk.name(), "driver " + disk.driver()));
            } else if (LOCKING_DRIVERS.contains(disk.driver())) {
                findings.add(new Finding(
                        Code.DISK_LOCK,
                        "disk " + disk.name(),
                        "the old process has " + disk.file() + " locked, and a second VM could not open it",
                        "the new process opens it without a lock, and takes that when the old one has let go"));
            }
        }
        temporary(facts, findings);
        backends(facts, findings);
    }

    /** A node with a name is found by that; one that the program made up, by its file. */
    private static boolean isOnCommandLine(OldProcess process, Disk disk) {
        if (!disk.node().isEmpty() && !disk.node().startsWith("#")) {
            return DeviceChecks.isNamed(process, disk.node());
        }
        String file = fileName(disk.file());
        return file.isEmpty()
                || process.program().arguments().stream()
                        .anyMatch(word -> word.replace(",,", ",").contains(file));
    }

    /** The file in a name of the form {@code json:{…}}; empty if it has none that could be looked for. */
    private static String fileName(String text) {
        if (!text.startsWith("json:")) {
            return text;
        }
        String key = "\"filename\": \"";
        int at = text.indexOf(key);
        int end = at < 0 ? -1 : text.indexOf('"', at + key.length());
        return end < 0 ? "" : text.substring(at + key.length(), end);
    }

    private static void temporary(CheckFacts facts, List<Finding> findings) {
        for (QemuOption option : facts.process().options()) {
            String value = option.value().orElse("");
            boolean drive = option.name().equals("drive");
            if (drive && (OptionList.parse(value, "").isOn("snapshot") || value.contains("fat:rw:"))) {
                findings.add(new Finding(
                        Code.TEMPORARY_DISK,
                        option.text(),
                        "what the guest wrote is in the old process's temporary files, which the new one cannot open",
                        "start the VM with overlay images of your own"));
            }
        }
    }

    private static void backends(CheckFacts facts, List<Finding> findings) {
        for (QemuOption option : facts.process().options()) {
            OptionList list = OptionList.parse(option.value().orElse(""), "type");
            String type = list.get("type").orElse("");
            boolean net = option.name().equals("netdev") || option.name().equals("nic");
            if (net && (type.equals("vhost-user") || type.equals("vhost-vdpa") || type.equals("l2tpv3"))) {
                findings.add(exclusive(option.text(), "it"));
            } else if (net
                    && type.equals("tap")
                    && list.get("ifname").isPresent()
                    && list.get("queues").isEmpty()) {
                findings.add(exclusive(option.text(), "a tap device with one queue"));
            } else if (option.name().equals("tpmdev") && type.equals("emulator")) {
                findings.add(exclusive(option.text(), "the TPM's emulator"));
            }
        }
        for (Device device : facts.vm().devices().plugged()) {
            if (device.type().startsWith("vhost-user-")) {
                findings.add(exclusive(device.text(), "its backend"));
            }
        }
    }

    private static Finding exclusive(String subject, String what) {
        return new Finding(
                Code.BACKEND_EXCLUSIVE,
                subject,
                what + " serves one process at a time, and during the update there are two",
                "take mode cpr-exec, or cpr-reboot");
    }
}
