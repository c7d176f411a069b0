package dev.cprkit.agent.vm;

import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.QemuOption;
import java.util.List;
import java.util.Optional;

/** Finds the unix socket on which a command line has the VM serve QMP. */
record QmpSocket(List<QemuOption> options) {
    /** As it stands there; empty if there is none with a path. */
    Optional<String> path() {
        for (QemuOption option : options) {
            String value = option.value().orElse("");
            Optional<String> path =
                    switch (option.name()) {
                        case "qmp", "qmp-pretty" -> ofDevice(value);
                        case "mon" -> ofMonitor(OptionList.parse(value, "chardev"));
                        default -> Optional.empty();
                    };
            if (path.isPresent()) {
                return path;
            }
        }
        return Optional.empty();
    }

    private Optional<String> ofDevice(String device) {
        if (device.startsWith("chardev:")) {
            return ofChardev(device.substring("chardev:".length()));
        }
        return device.startsWith("unix:")
                ? ofSocket(OptionList.parse(device.substring("unix:".length()), "path"))
                : Optional.empty();
    }

    private Optional<String> ofMonitor(OptionList monitor) {
        return monitor.get("mode").equals(Optional.of("control"))
                ? monitor.get("chardev").flatMap(this::ofChardev)
                : Optional.empty();
    }

    private Optional<String> ofChardev(String id) {
        for (QemuOption option : options) {
            OptionList chardev = OptionList.parse(option.value().orElse(""), "backend");
            if (option.name().equals("chardev")
                    && chardev.get("id").equals(Optional.of(id))
                    && chardev.get("backend").equals(Optional.of("socket"))) {
                return ofSocket(chardev);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofSocket(OptionList socket) {
        return socket.isOn("server") && !socket.isOn("abstract") ? socket.get("path") : Optional.empty();
    }
}
