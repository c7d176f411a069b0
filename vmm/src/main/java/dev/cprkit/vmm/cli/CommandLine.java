package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.AddedFd;
import dev.cprkit.vmm.machine.config.CpuConfig;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.config.NameConfig;
import dev.cprkit.vmm.machine.config.ProcessConfig;
import dev.cprkit.vmm.machine.config.QtestConfig;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.monitor.MonitorConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Reads a command line in QEMU's syntax. It touches neither files nor the host, so it can be asked about any command
 * line; what cannot be known without the host is left to whoever builds the machine.
 *
 * <p>As in QEMU, options are first told from their arguments (an option that does not exist is an error whatever else
 * is there), then followed in order, then checked as a whole. One reader serves one command line, on one thread.
 */
public final class CommandLine {
    /** One option: how it was typed, and its argument, empty for none. */
    private record Word(Option option, String typed, String argument) {
        /** The option as an error names it. */
        String where() {
            return option.takesArgument() ? typed + " " + argument : typed;
        }
    }

    private final String version;
    private final List<String> warnings = new ArrayList<>();
    private final MachineOption machine = new MachineOption();
    private final MemoryOption memory = new MemoryOption();
    private final SmpOption smp = new SmpOption();
    private Optional<String> qtestLog = Optional.empty();
    private final AcceleratorOptions accelerators = new AcceleratorOptions();
    private final ObjectOptions objects = new ObjectOptions();
    private final DeviceOptions devices = new DeviceOptions();
    private final ConsoleOptions consoles = new ConsoleOptions(warnings);
    private final List<AddedFd> addedFds = new ArrayList<>();
    private final IncomingOptions incoming = new IncomingOptions();
    private final GlobalOptions globals = new GlobalOptions();
    private final ActionOptions actions = new ActionOptions();
    private String cpu = "rv64";
    private Optional<String> guestName = Optional.empty();
    private Optional<String> processName = Optional.empty();
    private boolean debugThreads;
    private Optional<UUID> uuid = Optional.empty();
    private Optional<Path> pidFile = Optional.empty();
    private boolean exitWithParent;
    private boolean startStopped;
    private boolean onlyMigratable;
    private boolean check;
    private Optional<String> loadvm = Optional.empty();
    private boolean preconfig;
    private boolean defaults = true;
    private boolean displayNone;
    private boolean nographic;

    private CommandLine(String version) {
        this.version = version;
    }

    /**
     * Reads the words of a command line, the program's name not among them.
     *
     * @param version what {@code -version} prints, one line without its end
     * @throws CommandLineException if it cannot be followed
     */
    public static Invocation parse(List<String> words, String version) throws CommandLineException {
        List<Word> options = split(words);
        CommandLine reader = new CommandLine(version);
        for (Word word : options) {
            Optional<String> text = reader.follow(word);
            if (text.isPresent()) {
                return new Invocation.Print(text.get());
            }
        }
        MachineConfig config = reader.finish();
        return reader.check ? new Invocation.Check(config) : new Invocation.Run(config, reader.warnings);
    }

    private static List<Word> split(List<String> words) throws CommandLineException {
        List<Word> options = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String typed = words.get(i);
            if (!typed.startsWith("-") || typed.equals("-")) {
                throw new CommandLineException(typed + ": not an option; this emulator has no disk images yet");
            }
            Optional<Option> option = Option.of(typed.substring(typed.startsWith("--") ? 2 : 1));
            if (option.isEmpty()) {
                throw new CommandLineException(typed + ": invalid option");
            }
            String argument = "";
            if (option.get().takesArgument()) {
                i++;
                if (i == words.size()) {
                    throw new CommandLineException(typed + ": requires an argument");
                }
                argument = words.get(i);
            }
            options.add(new Word(option.get(), typed, argument));
        }
        return options;
    }

    /** Follows one option; returns the text if all it asks for is one. */
    private Optional<String> follow(Word word) throws CommandLineException {
        String where = word.where();
        String argument = word.argument();
        Optional<String> help = OptionHelp.of(word.option(), argument);
        if (help.isPresent()) {
            return help;
        }
        switch (word.option()) {
            case HELP -> {
                return Optional.of(version + "\n" + HelpText.USAGE);
            }
            case VERSION -> {
                return Optional.of(version + "\n");
            }
            case MACHINE -> {
                return machine(where, argument);
            }
            case ACCEL -> {
                return accel(where, argument);
            }
            case DEVICE -> {
                return device(where, argument);
            }
            case OBJECT -> {
                return object(where, argument);
            }
            case CPU -> cpu = argument;
            case CHARDEV -> consoles.chardev(Properties.flags(where, argument, "backend", warnings));
            case DISPLAY -> display(Properties.keyval(where, argument, "type"));
            case SMP -> smp.option(Properties.flags(where, argument, "cpus", warnings));
            case M -> memory.option(Properties.flags(where, argument, "size", warnings));
            case NAME -> name(Properties.flags(where, argument, "guest", warnings));
            case UUID -> uuid = Optional.of(Uuids.parse(where, argument));
            case GLOBAL -> globals.option(where, argument, warnings);
            case NOGRAPHIC -> nographic = true;
            case AUDIO -> audio(Properties.keyval(where, argument, "driver"));
            case VGA -> onlyNone(word, "this machine has no graphics card");
            case NIC, NET -> onlyNone(word, "this machine has no network card yet");
            case PARALLEL -> onlyNone(word, "this machine has no parallel port");
            case SERIAL -> consoles.serial(where, argument);
            case MONITOR -> consoles.monitor(where, argument, MonitorConfig.Mode.READLINE, false);
            case QMP -> consoles.monitor(where, argument, MonitorConfig.Mode.CONTROL, false);
            case QMP_PRETTY -> consoles.monitor(where, argument, MonitorConfig.Mode.CONTROL, true);
            case MON -> consoles.mon(Properties.flags(where, argument, "chardev", warnings));
            case QTEST -> consoles.qtest(where, argument);
            case QTEST_LOG -> qtestLog = Optional.of(argument).filter(file -> !file.equals("none"));
            case BIOS -> machine.set("firmware", argument);
            case KERNEL -> machine.set("kernel", argument);
            case INITRD -> machine.set("initrd", argument);
            case APPEND -> machine.set("append", argument);
            case DTB -> machine.set("dtb", argument);
            case INCOMING -> incoming.option(where, argument);
            case ADD_FD -> addedFds.add(AddFdOption.read(Properties.flags(where, argument, "", warnings)));
            case CPR_URI -> incoming.cprUri(where, argument, warnings);
            case ONLY_MIGRATABLE -> onlyMigratable = true;
            case CPR_CHECK -> check = true;
            case LOADVM -> loadvm = Optional.of(argument);
            case PRECONFIG -> preconfig = true;
            case PIDFILE -> pidFile = Optional.of(Path.of(argument));
            case RUN_WITH -> runWith(Properties.flags(where, argument, "", warnings));
            case ACTION -> actions.option(Properties.flags(where, argument, "", warnings));
            case WATCHDOG_ACTION -> actions.watchdog(where, argument);
            case S -> startStopped = true;
            case NO_REBOOT -> actions.noReboot();
            case NO_SHUTDOWN -> actions.noShutdown();
            case NODEFAULTS -> defaults = false;
            case NO_USER_CONFIG -> {
                // There are no configuration files that it could keep from being read.
            }
            case DAEMONIZE ->
                throw new CommandLineException(
                        where + ": not supported, start vmm in the background with '&', setsid or a service manager");
        }
        return Optional.empty();
    }

    private Optional<String> machine(String where, String argument) throws CommandLineException {
        Properties properties = Properties.keyval(where, argument, "type");
        if (properties.wantsHelp()) {
            boolean list = argument.equals("help") || argument.equals("?") || argument.equals("type=help");
            return Optional.of(list ? MachineOption.TYPES : MachineOption.PROPERTIES);
        }
        machine.option(properties);
        return Optional.empty();
    }

    private Optional<String> accel(String where, String argument) throws CommandLineException {
        Properties properties = Properties.flags(where, argument, "accel", warnings);
        if (properties.wantsHelp() || argument.isEmpty()) {
            return Optional.of(AcceleratorOptions.HELP);
        }
        accelerators.accel(properties);
        return Optional.empty();
    }

    private Optional<String> device(String where, String argument) throws CommandLineException {
        Properties properties = argument.startsWith("{")
                ? Properties.json(where, argument)
                : Properties.flags(where, argument, "driver", warnings);
        if (properties.wantsHelp()) {
            return Optional.of(DeviceOptions.help(properties.take("driver").orElse("")));
        }
        devices.option(properties);
        return Optional.empty();
    }

    private Optional<String> object(String where, String argument) throws CommandLineException {
        Properties properties = argument.startsWith("{")
                ? Properties.json(where, argument)
                : Properties.flags(where, argument, "qom-type", warnings);
        if (properties.wantsHelp()) {
            String type = properties.take("qom-type").orElse("");
            return Optional.of(ObjectHelp.properties(type).orElse(ObjectHelp.TYPES));
        }
        objects.option(properties);
        return Optional.empty();
    }

    private void display(Properties properties) throws CommandLineException {
        String type = properties.require("type");
        if (!type.equals("none")) {
            throw properties.error("Parameter 'type' does not accept value '" + type + "', only none");
        }
        properties.end();
        displayNone = true;
    }

    private void name(Properties properties) throws CommandLineException {
        Optional<String> guest = properties.take("guest");
        Optional<String> process = properties.take("process");
        guestName = guest.isPresent() ? guest : guestName;
        processName = process.isPresent() ? process : processName;
        debugThreads = properties.takeFlag("debug-threads", debugThreads);
        properties.end();
    }

    private static void audio(Properties properties) throws CommandLineException {
        String driver = properties.require("driver");
        if (!driver.equals("none")) {
            throw properties.error("Parameter 'driver' does not accept value '" + driver + "', only none");
        }
        properties.take("id");
        properties.end();
    }

    private static void onlyNone(Word word, String because) throws CommandLineException {
        if (!word.argument().equals("none")) {
            throw new CommandLineException(word.where() + ": only 'none' is supported, " + because);
        }
    }

    private void runWith(Properties properties) throws CommandLineException {
        exitWithParent = properties.takeFlag("exit-with-parent", exitWithParent);
        properties.end();
    }

    private MachineConfig finish() throws CommandLineException {
        machine.checkType();
        machine.takeAccelerators(accelerators);
        accelerators.finish(warnings);
        machine.takeMemory(memory);
        machine.takeSmp(smp);
        smp.finish();
        CpuConfig hart = CpuOption.parse(cpu);
        var boot = machine.takeBoot();
        machine.takeEarlierForms(warnings);
        var board = machine.finish(globals.virtioLegacy());
        List<MemoryBackendConfig> backends = objects.memoryBackends(board.memMerge(), board.dumpGuestCore());
        OptionalLong backendSize = OptionalLong.empty();
        if (board.memoryBackend().isPresent()) {
            backendSize = OptionalLong.of(
                    ObjectOptions.sizeOfRam(backends, board.memoryBackend().get()));
        }
        long ramSize = memory.finish(backendSize);
        if (machine.anonymousMemfd()) {
            backends = EarlierMachineOptions.inMemfds(
                    backends, board.memoryBackend().isPresent() ? 0 : ramSize);
            board = board.withMemoryBackend(board.memoryBackend().orElse(RamAllocator.DEFAULT_RAM));
        }
        incoming.check(loadvm, preconfig);
        consoles.finish(objects.monitors(), defaults, nographic || !displayNone);
        return new MachineConfig(
                board,
                ramSize,
                backends,
                hart,
                new NameConfig(guestName, processName, debugThreads),
                uuid,
                boot,
                consoles.chardevs(),
                consoles.serials(),
                consoles.monitors(),
                objects.rngs(),
                devices.finish(objects.rngs()),
                devices.watchdog(),
                incoming.finish(),
                globals.migration(),
                addedFds,
                new QtestConfig(accelerators.qtest(), consoles.qtest(), qtestLog),
                new ProcessConfig(startStopped, actions.finish(), pidFile, exitWithParent, onlyMigratable));
    }
}
