package dev.cprkit.agent.vm;

import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.vm.LaunchPlan.Change;
import dev.cprkit.agent.vm.LaunchPlan.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the arguments that a VM is to be started with for whatever would keep it from being updated later, and changes
 * what can be changed (reference/qemu-cpr.md, sections 1.6, 10.3 and 11). Pure; for one use.
 *
 * <p>Two things are always changed, since without them the VM could not be launched: it gets a QMP socket if it has none,
 * and does not go away with {@code cprctl} (nor hide what it prints). Everything else is changed only where that is
 * asked for: the memory becomes memory that another process can map, the machine keeps its versioned name, and a
 * serial line on a terminal that is not there becomes a socket.
 */
final class LaunchArguments {
    /** What QEMU and vmm give a machine if nobody says otherwise. */
    private static final String DEFAULT_MEMORY = "128M";

    private static final String RAM = "cprkit-ram";
    private static final String CONSOLE = "cprkit-console";

    /** Settled here, so not to be told twice. */
    private static final Set<Code> OWN = Set.of(Code.EXIT_WITH_PARENT);

    private final Path folder;
    private final Map<String, String> aliases;
    private final boolean makeUpdatable;
    private final List<Point> points = new ArrayList<>();
    private final List<QemuOption> options = new ArrayList<>();

    /**
     * @param folder of the VM, where its sockets go
     * @param aliases from the program's machine aliases to the versioned names that they stand for
     */
    LaunchArguments(Path folder, Map<String, String> aliases, boolean makeUpdatable) {
        this.folder = folder;
        this.aliases = Map.copyOf(aliases);
        this.makeUpdatable = makeUpdatable;
    }

    /** The plan for a program with its arguments, started in {@code directory}. */
    LaunchPlan plan(Program program, Path directory) {
        options.addAll(QemuOption.parse(program.arguments()));
        memory();
        auxiliaryMemory();
        machineVersion();
        terminal();
        detached();
        new CommandLineRewrite(Map.of(), "/cpr")
                .rewrite(words()).findings().stream()
                        .filter(finding -> !OWN.contains(finding.code()) && finding.code() != Code.STDIO_CHARDEV)
                        .forEach(finding -> points.add(new Point(finding, Change.NONE)));
        Optional<String> given = new QmpSocket(options).path();
        String qmp = given.orElseGet(this::addQmp);
        return new LaunchPlan(
                new Program(program.words(), words()), directory.resolve(qmp).normalize(), points);
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        options.forEach(option -> words.addAll(option.words()));
        return words;
    }

    /** Notes a finding that can be helped, and tells whether to help it. */
    private boolean change(Code code, String subject, String problem, String remedy) {
        points.add(
                new Point(new Finding(code, subject, problem, remedy), makeUpdatable ? Change.MADE : Change.OFFERED));
        return makeUpdatable;
    }

    private void memory() {
        boolean ownMemory = false;
        for (int i = 0; i < options.size(); i++) {
            QemuOption option = options.get(i);
            String value = option.value().orElse("");
            ownMemory |=
                    isMachine(option) && machine(value).get("memory-backend").isPresent()
                            || option.name().equals("numa") && value.contains("memdev=");
            Optional<MemoryObject> object = option.name().equals("object") ? MemoryObject.of(value) : Optional.empty();
            if (object.isPresent() && !object.get().shared()) {
                privateBackend(i, object.get());
            }
        }
        if (!ownMemory) {
            privateMemory();
        }
    }

    private void privateBackend(int index, MemoryObject object) {
        String subject = "memory backend " + object.id();
        String problem = "it is private to its process, so the next process could not have the guest's memory";
        if (object.fixed()) {
            points.add(new Point(
                    new Finding(
                            Code.MEMORY_NOT_SHARED, subject, problem, "give the guest memory that is not read-only"),
                    Change.NONE));
        } else if (change(Code.MEMORY_NOT_SHARED, subject, problem, "use -object " + object.madeShared())) {
            options.set(index, QemuOption.of("object", object.madeShared()));
        }
    }

    private void privateMemory() {
        String problem = "it is private to its process, so the next process could not have it";
        if (options.stream().anyMatch(option -> option.name().equals("numa"))) {
            points.add(new Point(
                    new Finding(
                            Code.MEMORY_NOT_SHARED,
                            "guest memory",
                            problem,
                            "give each NUMA node a memory-backend-memfd with memdev=ID"),
                    Change.NONE));
            return;
        }
        String backend = value("mem-path")
                .map(path -> "memory-backend-file,mem-path=" + path.replace(",", ",,"))
                .orElse("memory-backend-memfd");
        String object = backend + ",id=" + RAM + ",size=" + memorySize() + ",share=on";
        if (change(
                Code.MEMORY_NOT_SHARED,
                "guest memory",
                problem,
                "use -object " + object + " -machine memory-backend=" + RAM)) {
            options.removeIf(option -> option.name().equals("mem-path"));
            options.add(QemuOption.of("object", object));
            setMachine("memory-backend", RAM);
        }
    }

    /** A number alone is in MiB for -m, and in bytes for a memory backend. */
    private String memorySize() {
        String size = value("m")
                .flatMap(value -> OptionList.parse(value, "size").get("size"))
                .orElse(DEFAULT_MEMORY);
        return !size.isEmpty() && size.chars().allMatch(Character::isDigit) ? size + "M" : size;
    }

    private void auxiliaryMemory() {
        boolean on = false;
        for (QemuOption option : options) {
            String value = option.value().orElse("");
            if (isMachine(option) && machine(value).get("aux-ram-share").isPresent()) {
                on = machine(value).isOn("aux-ram-share");
            }
        }
        if (!on
                && change(
                        Code.AUX_RAM_NOT_SHARED,
                        "machine property aux-ram-share",
                        "it is off, so memory of devices and firmware is private to its process",
                        "use -machine aux-ram-share=on")) {
            setMachine("aux-ram-share", "on");
        }
    }

    private void machineVersion() {
        for (QemuOption option : List.copyOf(options)) {
            String type = isMachine(option)
                    ? machine(option.value().orElse("")).get("type").orElse("")
                    : "";
            String versioned = aliases.getOrDefault(type, type);
            if (!versioned.equals(type)
                    && change(
                            Code.MACHINE_ALIAS,
                            "machine " + type,
                            "it may be another machine in a newer program",
                            "name the version that it stands for: " + versioned)) {
                setMachine("type", versioned);
            }
        }
    }

    private void terminal() {
        for (int i = 0; i < options.size(); i++) {
            QemuOption option = options.get(i);
            String value = option.value().orElse("");
            boolean serial = option.name().equals("serial") && (value.equals("stdio") || value.equals("mon:stdio"));
            boolean nographic = option.name().equals("nographic");
            if ((serial || nographic)
                    && change(
                            Code.STDIO_CHARDEV,
                            option.text(),
                            "the VM is on no terminal, so what the guest prints would go to its log",
                            "use a socket, which cprctl console attaches to")) {
                List<QemuOption> instead = new ArrayList<>();
                if (nographic) {
                    instead.add(QemuOption.of("display", "none"));
                }
                instead.add(QemuOption.of(
                        "chardev", "socket,id=" + CONSOLE + ",path=" + socket("console") + ",server=on,wait=off"));
                instead.add(QemuOption.of("serial", "chardev:" + CONSOLE));
                options.remove(i);
                options.addAll(i, instead);
                return; // there is only one terminal
            }
        }
    }

    private void detached() {
        for (QemuOption option : List.copyOf(options)) {
            String value = option.value().orElse("");
            if (option.name().equals("daemonize")) {
                made(
                        Code.DAEMONIZE,
                        "-daemonize",
                        "the process would close its log, so that nobody learns why it ended",
                        "leave it out: the process runs in a session of its own anyway");
                options.remove(option);
            } else if (option.name().equals("run-with")
                    && OptionList.parse(value, "").isOn("exit-with-parent")) {
                made(
                        Code.EXIT_WITH_PARENT,
                        option.text(),
                        "the process would end with cprctl",
                        "leave it out, and end the VM yourself");
                OptionList rest = OptionList.parse(value, "").without("exit-with-parent");
                int at = options.indexOf(option);
                options.remove(at);
                if (!rest.isEmpty()) {
                    options.add(at, QemuOption.of("run-with", rest.format()));
                }
            }
        }
    }

    private String addQmp() {
        made(
                Code.QMP_NOT_ON_COMMAND_LINE,
                "QMP",
                "the VM has no QMP server on a unix socket, through which it is updated",
                "use -qmp unix:PATH,server=on,wait=off");
        options.add(QemuOption.of("qmp", "unix:" + socket("qmp") + ",server=on,wait=off"));
        return folder.resolve("qmp.sock").toString();
    }

    private void made(Code code, String subject, String problem, String remedy) {
        points.add(new Point(new Finding(code, subject, problem, remedy), Change.MADE));
    }

    private String socket(String name) {
        return folder.resolve(name + ".sock").toString().replace(",", ",,");
    }

    private Optional<String> value(String name) {
        return options.stream()
                .filter(option -> option.name().equals(name))
                .reduce((_, last) -> last)
                .flatMap(QemuOption::value);
    }

    /** Sets a property in the machine option that there is, or in a new one. */
    private void setMachine(String property, String value) {
        for (int i = 0; i < options.size(); i++) {
            QemuOption option = options.get(i);
            if (isMachine(option)) {
                OptionList machine = machine(option.value().orElse(""));
                options.set(
                        i,
                        QemuOption.of(
                                option.name(), machine.with(property, value).format()));
                return;
            }
        }
        options.add(QemuOption.of("machine", property + "=" + value));
    }

    private static OptionList machine(String value) {
        return OptionList.parse(value, "type");
    }

    private static boolean isMachine(QemuOption option) {
        return option.name().equals("machine") || option.name().equals("M");
    }
}
