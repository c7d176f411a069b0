package dev.cprkit.agent.argv;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One option of a command line in QEMU's syntax, or a word that is no option (a disk image).
 *
 * @param name without dashes; empty for a word that is no option
 * @param value the word that follows it, if the option takes one; for a word that is no option, that word
 */
public record QemuOption(String name, Optional<String> value) {
    /** QEMU's options that stand alone; all others take the next word. */
    private static final Set<String> ALONE = Set.of(
            "alt-grab",
            "ctrl-grab",
            "curses",
            "daemonize",
            "disable-fips",
            "enable-fips",
            "enable-kvm",
            "enable-sync-profile",
            "full-screen",
            "h",
            "help",
            "jitdump",
            "mem-prealloc",
            "no-acpi",
            "no-fd-bootchk",
            "no-frame",
            "no-hpet",
            "no-kvm",
            "no-quit",
            "no-reboot",
            "no-shutdown",
            "no-user-config",
            "nodefaults",
            "nodefconfig",
            "nographic",
            "nouserconfig",
            "old-param",
            "one-insn-per-tb",
            "only-migratable",
            "perfmap",
            "portrait",
            "preconfig",
            "S",
            "s",
            "sdl",
            "semihosting",
            "singlestep",
            "snapshot",
            "usb",
            "version",
            "win2k-hack",
            "xen-attach",
            "xen-domid-restrict");

    /** Cuts arguments (without the program's name) into options. An option whose value is missing has none. */
    public static List<QemuOption> parse(List<String> arguments) {
        List<QemuOption> options = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("-") || word.equals("-")) {
                options.add(new QemuOption("", Optional.of(word)));
                continue;
            }
            String name = word.startsWith("--") ? word.substring(2) : word.substring(1);
            boolean alone = ALONE.contains(name) || i + 1 == arguments.size();
            options.add(new QemuOption(name, alone ? Optional.empty() : Optional.of(arguments.get(++i))));
        }
        return options;
    }

    /** Whether some option gives that id, or that name of a block node; in JSON, where any text is that. */
    public static boolean isNamed(List<String> arguments, String id) {
        for (String word : arguments) {
            for (String key : List.of("id=", "node-name=")) {
                for (int at = word.indexOf(key + id); at >= 0; at = word.indexOf(key + id, at + 1)) {
                    int end = at + key.length() + id.length();
                    if (end == word.length() || word.charAt(end) == ',') {
                        return true;
                    }
                }
            }
            if (word.contains("\"" + id + "\"")) {
                return true;
            }
        }
        return false;
    }

    /** An option with a value. */
    public static QemuOption of(String name, String value) {
        return new QemuOption(name, Optional.of(value));
    }

    /** The words on a command line. */
    public List<String> words() {
        if (name.isEmpty()) {
            return List.of(value.orElse(""));
        }
        return value.map(v -> List.of("-" + name, v)).orElseGet(() -> List.of("-" + name));
    }

    /** How messages name it: {@code -serial unix:/run/serial}. */
    public String text() {
        return String.join(" ", words());
    }
}
