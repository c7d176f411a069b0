package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.ProgramFacts.Release;
import dev.cprkit.agent.check.ProgramFacts.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Asks a program what it is, by running it with {@code -version} and {@code … help}; each run has a limit, reads nothing
 * and opens nothing of the VM's. Answers are kept for as long as the program's file stays the same. Any thread may call.
 */
public final class ProgramProbe {
    /** For one run. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private static final String VERSION = "emulator version ";

    /** Enough for every list of devices; a program that prints without end costs no more. */
    private static final int MOST_BYTES = 1 << 20;

    private static final Map<Key, ProgramFacts> KNOWN = new ConcurrentHashMap<>();

    private final Duration limit;

    private record Key(List<String> words, FileTime modified, long size, Set<String> devices) {}

    public ProgramProbe() {
        this(LIMIT);
    }

    ProgramProbe(Duration limit) {
        this.limit = limit;
    }

    /**
     * What a program says about itself.
     *
     * @param words that name it, without the VM's arguments: a path, or a loader's with its options before that
     * @param devices the types of devices that matter
     */
    public ProgramFacts facts(List<String> words, Set<String> devices) {
        Path path = Path.of(words.getLast());
        Path file = Path.of(words.getFirst());
        Optional<Trouble> trouble = trouble(file);
        if (trouble.isPresent()) {
            return troubled(file, trouble.get());
        }
        try {
            Key key = new Key(words, Files.getLastModifiedTime(path), Files.size(path), devices);
            ProgramFacts known = KNOWN.get(key);
            if (known != null) {
                return known;
            }
            ProgramFacts facts = ask(words, file, devices);
            if (facts.trouble().isEmpty()) {
                KNOWN.put(key, facts);
            }
            return facts;
        } catch (IOException e) {
            return ask(words, file, devices); // the last word is no file: no cache for it
        }
    }

    private static ProgramFacts troubled(Path file, Trouble trouble) {
        return new ProgramFacts(file, Optional.of(trouble), Optional.empty(), Set.of(), Set.of());
    }

    private static Optional<Trouble> trouble(Path file) {
        if (!Files.exists(file)) {
            return Optional.of(new Trouble(Code.PROGRAM_MISSING, "there is no such file"));
        }
        if (!Files.isRegularFile(file)) {
            return Optional.of(new Trouble(Code.PROGRAM_NOT_EXECUTABLE, "it is not an executable file"));
        }
        if (!Files.isExecutable(file)) { // access(2) says so too where the mount is noexec
            boolean bit = hasExecuteBit(file);
            return Optional.of(new Trouble(
                    Code.PROGRAM_NOT_EXECUTABLE,
                    bit
                            ? "it may not be executed here: its file system is mounted noexec, or its mode is not for"
                                    + " us"
                            : "it is not an executable file"));
        }
        return Optional.empty();
    }

    private static boolean hasExecuteBit(Path file) {
        try {
            return Files.getPosixFilePermissions(file).stream()
                    .anyMatch(p -> p.name().endsWith("_EXECUTE"));
        } catch (IOException e) {
            return false;
        }
    }

    private ProgramFacts ask(List<String> words, Path file, Set<String> devices) {
        Run version = run(words, "-version");
        if (version.trouble.isPresent()) {
            return troubled(file, new Trouble(Code.PROGRAM_FAILS, version.trouble.get()));
        }
        Set<String> machines = firstWords(run(words, "-machine", "help").output);
        return new ProgramFacts(
                file,
                Optional.empty(),
                release(version.output),
                machines,
                devices.isEmpty() ? Set.of() : devices(words, devices));
    }

    /** Those that there are, or of those that are asked for those that there are, if it cannot list them. */
    private Set<String> devices(List<String> words, Set<String> wanted) {
        Set<String> listed = new HashSet<>();
        for (String line : run(words, "-device", "help").output.lines().toList()) {
            if (line.startsWith("name \"")) {
                listed.add(line.substring(6, Math.max(6, line.indexOf('"', 6))));
            }
        }
        if (!listed.isEmpty()) {
            return listed;
        }
        Set<String> found = new HashSet<>();
        for (String type : wanted) {
            if (!run(words, "-device", type + ",help").all.contains("'" + type + "' not found")) {
                found.add(type);
            }
        }
        return found;
    }

    /** {@code QEMU emulator version 11.1.3 (Debian …)}. */
    static Optional<Release> release(String output) {
        int at = output.indexOf(VERSION);
        if (at < 0) {
            return Optional.empty();
        }
        String text = output.substring(at + VERSION.length())
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        String[] numbers = text.split("[. (]", 3);
        try {
            return Optional.of(new Release(
                    kind(text),
                    Integer.parseInt(numbers[0]),
                    numbers.length > 1 ? Integer.parseInt(numbers[1]) : 0,
                    text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Who made a program that has that version's text. */
    static String kind(String version) {
        return version.contains("cprkit") ? "vmm" : "QEMU";
    }

    /** The first word of each line that follows the title. */
    private static Set<String> firstWords(String output) {
        Set<String> words = new HashSet<>();
        for (String line : output.lines().skip(1).toList()) {
            String word = line.split("\\s", 2)[0];
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /**
     * How a run went.
     *
     * @param output its standard output
     * @param all that, and what it said on standard error
     * @param trouble why it counts for nothing; empty if it went well
     */
    private record Run(String output, String all, Optional<String> trouble) {}

    private Run run(List<String> words, String... arguments) {
        List<String> command = new ArrayList<>(words);
        command.addAll(List.of(arguments));
        String asked = String.join(" ", arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            Head output = new Head(process.getInputStream());
            Head errors = new Head(process.getErrorStream());
            boolean ended = ends(process);
            String printed = output.text();
            String said = errors.text();
            process.destroyForcibly(); // closes the pipes, which a child of it may hold open
            if (!ended) {
                return new Run(
                        "", said, Optional.of("it does not answer " + asked + " within " + limit.toSeconds() + " s"));
            }
            if (process.exitValue() != 0) {
                String why = said.isBlank()
                        ? ""
                        : ": " + said.strip().lines().toList().getLast();
                return new Run(
                        printed,
                        printed + said,
                        Optional.of("it ends with exit status " + process.exitValue() + " when asked " + asked + why));
            }
            return new Run(printed, printed + said, Optional.empty());
        } catch (IOException e) {
            return new Run("", "", Optional.of("it cannot be started (" + e.getMessage() + ")"));
        }
    }

    private boolean ends(Process process) {
        boolean ended = false;
        try {
            ended = process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) { // only then: it would also close the pipes, with what is still in them
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return ended;
    }

    /** The beginning of what a process prints, read by a thread of its own; what follows stays in the pipe. */
    private static final class Head {
        private static final Duration DRAIN = Duration.ofSeconds(2);

        private final AtomicReference<String> text = new AtomicReference<>("");
        private final Thread reader;

        Head(InputStream in) {
            reader = Thread.ofVirtual().start(() -> {
                try {
                    text.set(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    text.set(""); // it was ended
                }
            });
        }

        /** When the process has ended. */
        String text() {
            try {
                reader.join(DRAIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return text.get();
        }
    }
}
