package dev.cprkit.agent.argv;

import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the new process's command line from the old one's (reference/qemu-cpr.md, sections 1.5, 10.2 and 11).
 *
 * <ul>
 *   <li>Paths that the old process owns (listening unix sockets, the pid file) get the next generation's name.
 *   <li>{@code -incoming}, {@code -loadvm} and {@code -S} go: how the guest goes on travels in the stream, and
 *       {@code -S} would stop a guest that was running. {@code -daemonize} goes: the engine detaches the process.
 *   <li>{@code -incoming defer} and {@code -incoming cpr,…} come: deferred, so that the new process is complete and
 *       answers on its monitor before the guest is paused.
 *   <li>In place, when the old process is gone by the time the new one makes its sockets, no path changes.
 *   <li>A machine's alias becomes the versioned name it stands for in the old process: the same alias may be another
 *       machine in a newer program.
 * </ul>
 */
public final class CommandLineRewrite {
    /** Where the new process is while the old one still is there. */
    private enum Place {
        BESIDE,
        AFTER,
        SAME_PROCESS
    }

    private final Map<String, String> machineAliases;
    private final Place place;
    private final List<String> incoming;

    private CommandLineRewrite(Map<String, String> machineAliases, Place place, List<String> incoming) {
        this.machineAliases = Map.copyOf(machineAliases);
        this.place = place;
        this.incoming = incoming;
    }

    /**
     * For a process beside the old one (cpr-transfer).
     *
     * @param machineAliases from alias to versioned name, as the old process has them
     * @param cprSocket where the new process listens for the CPR state
     */
    public CommandLineRewrite(Map<String, String> machineAliases, String cprSocket) {
        this(
                machineAliases,
                Place.BESIDE,
                List.of("-incoming", "defer", "-incoming", CprChannel.listeningAt(cprSocket)));
    }

    /** For a process that is started when the old one has ended (cpr-reboot). */
    public static CommandLineRewrite afterwards(Map<String, String> machineAliases) {
        return new CommandLineRewrite(machineAliases, Place.AFTER, List.of("-incoming", "defer"));
    }

    /**
     * For the program that the old process becomes (cpr-exec). It reads the state by itself, so that the guest goes on
     * whatever happens to whoever drives the update.
     */
    public static CommandLineRewrite inSameProcess(Map<String, String> machineAliases, String stateFile) {
        return new CommandLineRewrite(machineAliases, Place.SAME_PROCESS, List.of("-incoming", "file:" + stateFile));
    }

    /** The new arguments for the old {@code arguments}, both without the program. */
    public NextCommandLine rewrite(List<String> arguments) {
        List<QemuOption> options = QemuOption.parse(arguments);
        boolean inPlace = place != Place.BESIDE;
        RewriteNotes notes = new RewriteNotes(generationOf(options) + (inPlace ? 0 : 1), inPlace);
        List<String> words = new ArrayList<>();
        for (QemuOption option : options) {
            next(option, notes).forEach(o -> words.addAll(o.words()));
        }
        words.addAll(incoming);
        return new NextCommandLine(notes.generation(), words, notes.moves(), notes.findings());
    }

    private List<QemuOption> next(QemuOption option, RewriteNotes notes) {
        String value = option.value().orElse("");
        ChardevRewrite chardevs = new ChardevRewrite(notes);
        return switch (option.name()) {
            case "incoming", "loadvm", "S", "daemonize" -> List.of();
            case "chardev" -> List.of(QemuOption.of("chardev", chardevs.chardev(value)));
            case "qmp", "qmp-pretty", "monitor", "serial", "parallel", "gdb", "debugcon" -> device(option, notes);
            case "pidfile" -> List.of(QemuOption.of("pidfile", notes.move("pidfile", Kind.PIDFILE, value)));
            case "M", "machine" -> List.of(QemuOption.of(option.name(), machine(value)));
            case "run-with" -> runWith(value, notes);
            case "vnc" -> List.of(QemuOption.of("vnc", vnc(value, notes)));
            case "display" ->
                value.startsWith("vnc=")
                        ? List.of(QemuOption.of("display", "vnc=" + vnc(value.substring(4), notes)))
                        : List.of(option);
            case "s", "spice" -> {
                notes.portTaken(option.text());
                yield List.of(option);
            }
            case "netdev", "nic", "net" -> {
                if (value.contains("hostfwd=") || value.contains("listen=")) {
                    notes.portTaken(option.text());
                }
                yield List.of(option);
            }
            case "snapshot" -> {
                notes.add(new Finding(
                        Code.TEMPORARY_DISK,
                        "-snapshot",
                        "what the guest wrote is in the old process's temporary files, which the new one cannot open",
                        "start the VM with overlay images of your own"));
                yield List.of(option);
            }
            case "readconfig" -> {
                if (place == Place.BESIDE) {
                    notes.add(new Finding(
                            Code.CONFIG_FILE,
                            option.text(),
                            "sockets named in a configuration file cannot be given new paths",
                            "give these options on the command line"));
                }
                yield List.of(option);
            }
            default -> List.of(option);
        };
    }

    private static List<QemuOption> device(QemuOption option, RewriteNotes notes) {
        String value = option.value().orElse("");
        if (option.name().equals("gdb") && value.startsWith("tcp:")) {
            notes.portTaken(option.text()); // gdb's tcp is a server without saying so
            return List.of(option);
        }
        return new ChardevRewrite(notes).device(option);
    }

    private String machine(String value) {
        OptionList machine = OptionList.parse(value, "type");
        Optional<String> versioned = machine.get("type").map(machineAliases::get);
        return versioned.map(name -> machine.with("type", name).format()).orElse(value);
    }

    private List<QemuOption> runWith(String value, RewriteNotes notes) {
        OptionList options = OptionList.parse(value, "");
        if (!options.isOn("exit-with-parent") || place == Place.SAME_PROCESS) {
            return List.of(QemuOption.of("run-with", value));
        }
        notes.add(new Finding(
                Code.EXIT_WITH_PARENT,
                "-run-with " + value,
                "the new process has another parent, with which it must not end",
                "end it yourself when its old parent ends"));
        OptionList rest = options.without("exit-with-parent");
        return rest.isEmpty() ? List.of() : List.of(QemuOption.of("run-with", rest.format()));
    }

    private static String vnc(String value, RewriteNotes notes) {
        if (value.startsWith("unix:")) {
            OptionList options = OptionList.parse(value.substring("unix:".length()), "path");
            String path = options.get("path").orElse("");
            return "unix:"
                    + options.with("path", notes.move("vnc", Kind.SOCKET, path)).format();
        }
        if (!value.equals("none")) {
            notes.portTaken("-vnc " + value);
        }
        return value;
    }

    /** The highest generation that any of the moved paths has now: all move to the same one. */
    private int generationOf(List<QemuOption> options) {
        RewriteNotes trial = new RewriteNotes(1, false);
        options.forEach(option -> next(option, trial));
        return trial.moves().stream()
                .mapToInt(move -> GenerationalPath.of(move.from()).generation())
                .max()
                .orElse(0);
    }
}
