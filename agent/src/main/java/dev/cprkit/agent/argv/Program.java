package dev.cprkit.agent.argv;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a VM's process was started: the words that name the program, and the arguments that are the VM's own.
 *
 * <p>There are three kinds. A program of its own (QEMU) is the executable that the kernel knows. A program that was
 * started by naming the dynamic loader is the loader, its options and the program. A Java program is the launcher that
 * it names itself in the property {@code cprkit.launcher}; without that, the JVM, its options and the main class.
 *
 * @param words at least one
 * @param arguments what follows
 */
public record Program(List<String> words, List<String> arguments) {
    private static final String LAUNCHER = "-Dcprkit.launcher=";
    private static final String DELETED = " (deleted)";

    /** Options of ld.so(8) that take the next word. */
    private static final Set<String> LOADER_VALUES = Set.of(
            "--library-path",
            "--preload",
            "--audit",
            "--inhibit-rpath",
            "--argv0",
            "--glibc-hwcaps-prepend",
            "--glibc-hwcaps-mask");

    /** Options of java(1) that take the next word, and after which the main class is still to come. */
    private static final Set<String> JVM_VALUES = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--enable-native-access",
            "--add-reads",
            "--add-exports",
            "--add-opens",
            "--limit-modules",
            "--patch-module");

    public Program {
        words = List.copyOf(words);
        arguments = List.copyOf(arguments);
    }

    /**
     * Takes a process's command line apart.
     *
     * @param executable the kernel's {@code /proc/PID/exe}; a program that was replaced since is found at its old path
     */
    public static Program of(List<String> commandLine, Path executable) {
        String path = executable.toString();
        String exe = path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
        String name = exe.substring(exe.lastIndexOf('/') + 1);
        if (name.equals("java")) {
            return java(commandLine, exe);
        }
        if (name.startsWith("ld-linux") || name.startsWith("ld-musl") || name.startsWith("ld.so")) {
            return split(commandLine, exe, afterLoader(commandLine));
        }
        return split(commandLine, exe, 1);
    }

    /** The same with another program before the same arguments. */
    public Program replacedBy(Path program) {
        return new Program(List.of(program.toString()), arguments);
    }

    /** The file that is the program: a launcher, what the loader loads, or a JVM. */
    public Path file() {
        return Path.of(isJvm() ? words.getFirst() : words.getLast());
    }

    /** Whether it is a JVM that was started without a launcher, so that what it runs is named among its words. */
    private boolean isJvm() {
        return words.size() > 1 && words.getFirst().endsWith("/java");
    }

    /** Every absolute path in the words: what is loaded with the program, or tells it what to load. */
    public List<Path> parts() {
        List<Path> parts = new ArrayList<>();
        for (String word : words) {
            for (String text : word.split(":")) {
                int at = text.startsWith("@/") ? 1 : text.startsWith("/") ? 0 : text.indexOf("=/") + 1;
                if (at > 0 || text.startsWith("/")) {
                    parts.add(Path.of(text.substring(at)));
                }
            }
        }
        return parts;
    }

    /** What people call it: the program's file name. */
    public String name() {
        String program = words.getLast();
        return program.substring(program.lastIndexOf('/') + 1);
    }

    private static Program java(List<String> commandLine, String exe) {
        Optional<String> launcher = Optional.empty();
        int at = 1;
        boolean mainFound = false;
        while (at < commandLine.size() && !mainFound) {
            String word = commandLine.get(at);
            if (word.startsWith(LAUNCHER)) {
                launcher = Optional.of(word.substring(LAUNCHER.length()));
            }
            if (word.equals("-jar") || word.equals("-m") || word.equals("--module")) {
                mainFound = true;
                at += 2;
            } else if (!word.startsWith("-") && !word.startsWith("@")) {
                mainFound = true;
                at++;
            } else {
                at += JVM_VALUES.contains(word) ? 2 : 1;
            }
        }
        Program jvm = split(commandLine, exe, at);
        return launcher.map(l -> new Program(List.of(l), jvm.arguments)).orElse(jvm);
    }

    private static int afterLoader(List<String> commandLine) {
        int at = 1;
        while (at < commandLine.size() && commandLine.get(at).startsWith("-")) {
            at += LOADER_VALUES.contains(commandLine.get(at)) ? 2 : 1;
        }
        return at + 1;
    }

    private static Program split(List<String> commandLine, String exe, int at) {
        int end = Math.clamp(at, 1, Math.max(1, commandLine.size()));
        List<String> words = new ArrayList<>(commandLine.subList(0, Math.min(end, commandLine.size())));
        if (words.isEmpty()) {
            words.add(exe);
        } else {
            words.set(0, exe);
        }
        return new Program(words, commandLine.subList(Math.min(end, commandLine.size()), commandLine.size()));
    }
}
