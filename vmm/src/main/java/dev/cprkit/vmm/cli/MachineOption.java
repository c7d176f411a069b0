package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.BoardConfig;
import dev.cprkit.vmm.machine.config.BootConfig;
import dev.cprkit.vmm.machine.config.Firmware;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code -machine} and the options that are short for a property of it: {@code -bios}, {@code -kernel},
 * {@code -initrd}, {@code -append}, {@code -dtb}. Later values replace earlier ones.
 */
final class MachineOption {
    static final String TYPES = """
        Supported machines are:
        virt                 RISC-V VirtIO board (default)
        """;

    static final String PROPERTIES = """
        virt-machine options:
          accel=<string>         - Accelerators, most wanted first, with colons between them
          append=<string>        - Linux kernel command line
          aux-ram-share=<bool>   - Use anonymous shared memory for auxiliary guest RAMs
          dtb=<string>           - Linux kernel device tree file
          dump-guest-core=<bool> - Include guest memory in a core dump
          dumpdtb=<string>       - Dump current dtb to a file and quit
          firmware=<string>      - Firmware image
          initrd=<string>        - Linux initial ramdisk file
          kernel=<string>        - Linux kernel image file
          mem-merge=<bool>       - Enable/disable memory merge support
          memory-backend=<string> - Set RAM backend, the ID of a memory-backend object
          memory.size=<size>     - Size of guest RAM in bytes
          smp.cpus=<int>         - Number of CPUs, 1
          suppress-vmdesc=<bool> - Set on to disable self-describing migration
        """;

    private final Properties properties = Properties.none("");
    private boolean anonymousMemfd;

    /** One {@code -machine}. */
    void option(Properties more) {
        more.addTo(properties);
    }

    /** A property that has an option of its own. */
    void set(String name, String value) {
        properties.set(name, value);
    }

    /** Whether the last type that was named exists; help about it may then be given. */
    void checkType() throws CommandLineException {
        Optional<String> type = properties.take("type");
        if (type.isPresent() && !type.get().equals("virt")) {
            throw new CommandLineException(
                    "unsupported machine type: \"" + type.get() + "\" (use -machine help to list supported machines)");
        }
    }

    void takeMemory(MemoryOption memory) throws CommandLineException {
        memory.machineProperties(properties);
    }

    void takeSmp(SmpOption smp) throws CommandLineException {
        smp.machineProperties(properties);
    }

    void takeAccelerators(AcceleratorOptions accelerators) throws CommandLineException {
        Optional<String> names = properties.take("accel");
        if (names.isPresent()) {
            accelerators.machineAccel(names.get());
        }
    }

    /** Takes what earlier forms of the interface say of the machine's anonymous RAM. */
    void takeEarlierForms(List<String> warnings) throws CommandLineException {
        anonymousMemfd = EarlierMachineOptions.take(properties, warnings);
    }

    /** Whether all anonymous RAM belongs in memfds; call it after {@link #takeEarlierForms}. */
    boolean anonymousMemfd() {
        return anonymousMemfd;
    }

    BootConfig takeBoot() throws CommandLineException {
        String bios = properties.take("firmware").orElse("default");
        Firmware firmware =
                switch (bios) {
                    case "default" -> new Firmware.BuiltIn();
                    case "none" -> new Firmware.None();
                    default -> new Firmware.File(Path.of(bios));
                };
        Optional<Path> kernel = takePath("kernel");
        Optional<Path> initrd = takePath("initrd");
        Optional<String> append = properties.take("append");
        if (initrd.isPresent() && kernel.isEmpty()) {
            throw new CommandLineException("-initrd only allowed with -kernel option");
        }
        if (append.isPresent() && !append.get().isEmpty() && kernel.isEmpty()) {
            throw new CommandLineException("-append only allowed with -kernel option");
        }
        return new BootConfig(firmware, kernel, initrd, append, takePath("dtb"));
    }

    private Optional<Path> takePath(String name) throws CommandLineException {
        Optional<String> path = properties.take(name);
        return path.isPresent() ? Optional.of(Path.of(path.get())) : Optional.empty();
    }

    /** The board; call it last, it refuses every property that is left. */
    BoardConfig finish(boolean virtioLegacy) throws CommandLineException {
        BoardConfig board = new BoardConfig(
                "virt",
                properties.takeFlag("aux-ram-share", false) || anonymousMemfd,
                properties.take("memory-backend"),
                takePath("dumpdtb"),
                properties.takeFlag("suppress-vmdesc", false),
                properties.takeFlag("mem-merge", true),
                properties.takeFlag("dump-guest-core", true),
                virtioLegacy);
        only("aia", "none", "the board's interrupt controller is a PLIC");
        only("acpi", "off", "the board describes itself by a device tree only");
        only("usb", "off", "the board has no USB");
        only("aclint", "off", "the timer is laid out as a SiFive CLINT");
        // There is nothing to draw on, whichever it is.
        properties.takeFlag("graphics");
        for (String name : properties.names()) {
            throw new CommandLineException(
                    name.startsWith("memory.") || name.startsWith("smp.")
                            ? "Parameter '" + name + "' is unexpected"
                            : "Property 'virt-machine." + name + "' not found");
        }
        return board;
    }

    private void only(String name, String value, String because) throws CommandLineException {
        Optional<String> given = properties.take(name);
        if (given.isPresent() && !given.get().equals(value) && !given.get().equals("auto")) {
            throw new CommandLineException(
                    "machine property " + name + "=" + given.get() + " is not supported: " + because);
        }
    }
}
