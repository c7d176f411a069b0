package dev.cprkit.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;

/** This host, through proc(5). */
public final class LinuxHost implements ProcessHost {
    private static final Path PROC = Path.of("/proc");
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    /** The flag of a listening socket in /proc/net/unix (the kernel's __SO_ACCEPTCON). */
    private static final int ACCEPTS = 0x10000;

    @Override
    public ProcessFacts facts(long pid) throws IOException {
        Path proc = PROC.resolve(Long.toString(pid));
        try {
            Map<String, String> environment = new HashMap<>();
            for (String entry : words(proc.resolve("environ"))) {
                int equals = entry.indexOf('=');
                if (equals > 0) {
                    environment.put(entry.substring(0, equals), entry.substring(equals + 1));
                }
            }
            return new ProcessFacts(
                    pid,
                    uid(proc),
                    words(proc.resolve("cmdline")),
                    Files.readSymbolicLink(proc.resolve("exe")),
                    Files.readSymbolicLink(proc.resolve("cwd")),
                    environment);
        } catch (NoSuchFileException e) {
            throw new IOException("process " + pid + " does not exist any more", e);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "process " + pid + " belongs to another user: run as that user, or as root, to update it", e);
        }
    }

    @Override
    public Optional<ProcessRef> ref(long pid) {
        return ProcessRef.of(pid);
    }

    @Override
    public Optional<Path> printsTo(long pid) {
        try {
            Path file = Files.readSymbolicLink(PROC.resolve(Long.toString(pid)).resolve("fd/2"));
            return Optional.of(file).filter(path -> path.isAbsolute() && Files.isRegularFile(path));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<HostProcess> attach(long pid) {
        return ProcessHandle.of(pid).map(AttachedProcess::new);
    }

    @Override
    public HostProcess start(List<String> command, Path directory, Map<String, String> environment, Path output)
            throws IOException {
        create(output);
        List<String> words = new ArrayList<>(command);
        if (Files.isExecutable(SETSID)) {
            words.add(0, SETSID.toString()); // it execs without a fork, because a child leads no process group
        }
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new StartedProcess(builder.start());
    }

    @Override
    public HostProcess start(
            List<String> command,
            Path directory,
            Map<String, String> environment,
            Path output,
            List<Integer> descriptors)
            throws IOException {
        create(output);
        return SpawnedProcess.start(command, directory, environment, output, descriptors);
    }

    private static void create(Path output) throws IOException {
        Files.deleteIfExists(output);
        Files.createFile(output, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    @Override
    public List<Long> withArgument(String text) {
        return others("cmdline", word -> word.contains(text));
    }

    @Override
    public List<Long> withVariable(String name, String value) {
        return others("environ", (name + "=" + value)::equals);
    }

    /** Other processes with such a word in one of proc(5)'s files of words. */
    private static List<Long> others(String file, Predicate<String> wanted) {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (pid != ProcessHandle.current().pid() && has(process.resolve(file), wanted)) {
                    found.add(pid);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return found;
        }
        return found;
    }

    private static boolean has(Path file, Predicate<String> wanted) {
        try {
            return words(file).stream().anyMatch(wanted);
        } catch (IOException e) {
            return false; // it has ended, or is not ours to look at
        }
    }

    @Override
    public boolean isListening(Path socket) {
        String path = socket.toString();
        try {
            for (String line : Files.readAllLines(PROC.resolve("net/unix"), StandardCharsets.ISO_8859_1)) {
                // Num RefCount Protocol Flags Type St Inode Path
                String[] fields = line.strip().split("\\s+", 8);
                if (fields.length == 8
                        && fields[7].equals(latin1(path))
                        && (Integer.parseUnsignedInt(fields[3], 16) & ACCEPTS) != 0) {
                    return true;
                }
            }
            return false;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /**
     * The claim is a unix socket bound to an abstract name (unix(7)): the kernel gives a name to one socket only, and
     * takes it back whatever end its owner comes to, so no stale claim is possible.
     */
    @Override
    public Optional<Claim> claim(long pid) {
        try {
            UnixServerSocketChannel claim = UnixServerSocketChannel.open();
            try {
                claim.socket().bind(new UnixSocketAddress("\0cprkit-update-" + pid));
            } catch (IOException e) {
                claim.close();
                return Optional.empty();
            }
            return Optional.of(() -> close(claim));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void close(UnixServerSocketChannel claim) {
        try {
            claim.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int uid() {
        try {
            return uid(PROC.resolve("self"));
        } catch (IOException e) {
            throw new IllegalStateException("/proc is not mounted", e);
        }
    }

    private static int uid(Path proc) throws IOException {
        for (String line : Files.readAllLines(proc.resolve("status"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("Uid:")) {
                return Integer.parseInt(line.split("\\s+", 6)[2]); // real, effective, saved, file system
            }
        }
        throw new IOException(proc + "/status has no user id");
    }

    private static List<String> words(Path file) throws IOException {
        List<String> words = new ArrayList<>();
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int at = 0;
        for (int end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', at)) {
            words.add(text.substring(at, end));
            at = end + 1;
        }
        return words;
    }

    /** The kernel prints the path's bytes; reading the table as Latin-1 keeps them apart whatever they are. */
    private static String latin1(String path) {
        return new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** The end of what a process printed into {@code file}, at most {@code limit} bytes; empty if there is nothing. */
    public static String tail(Path file, int limit) {
        try (var channel = Files.newByteChannel(file, Set.of(StandardOpenOption.READ))) {
            long size = channel.size();
            channel.position(Math.max(0, size - limit));
            var buffer = ByteBuffer.allocate((int) Math.min(size, limit));
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
