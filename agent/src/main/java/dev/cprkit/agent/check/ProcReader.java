package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Reads what the checks need from proc(5) and cgroups(7). What cannot be read is left out, and nothing is judged by it. */
final class ProcReader {
    private static final Path PROC = Path.of("/proc");

    /** What a new process would see differently; the others do not matter to a VM. */
    private static final List<String> NAMESPACES = List.of("mnt", "net", "pid", "user");

    /** The number of CAP_IPC_LOCK (capabilities(7)). */
    private static final int IPC_LOCK = 14;

    private ProcReader() {}

    static OldProcess oldProcess(ProcessFacts facts) {
        Program program = Program.of(facts.commandLine(), facts.executable());
        Path proc = PROC.resolve(Long.toString(facts.pid()));
        return new OldProcess(
                facts,
                program,
                QemuOption.parse(program.arguments()),
                link(proc.resolve("root"), Path.of("/")),
                otherNamespaces(proc),
                cgroup(proc),
                ListeningPorts.of(proc),
                kilobytes(proc.resolve("status"), "RssAnon:").orElse(0)
                        + kilobytes(proc.resolve("status"), "VmSwap:").orElse(0));
    }

    static HostFacts host(ProcessHost host) {
        Path self = PROC.resolve("self");
        String cgroup = cgroup(self);
        return new HostFacts(
                host.uid(),
                cgroup,
                kilobytes(PROC.resolve("meminfo"), "MemAvailable:").orElse(Long.MAX_VALUE),
                left(Path.of("/sys/fs/cgroup"), cgroup),
                lockable(self));
    }

    private static List<String> otherNamespaces(Path proc) {
        List<String> others = new ArrayList<>();
        for (String name : NAMESPACES) {
            Path ours = link(PROC.resolve("self/ns").resolve(name), Path.of(""));
            if (!link(proc.resolve("ns").resolve(name), ours).equals(ours)) {
                others.add(name);
            }
        }
        return others;
    }

    private static Path link(Path link, Path otherwise) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return otherwise;
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The path in the unified hierarchy: the line {@code 0::PATH}. */
    private static String cgroup(Path proc) {
        for (String line : lines(proc.resolve("cgroup"))) {
            if (line.startsWith("0::")) {
                return line.substring(3);
            }
        }
        return "";
    }

    private static OptionalLong kilobytes(Path file, String key) {
        for (String line : lines(file)) {
            if (line.startsWith(key)) {
                OptionalLong number =
                        number(line.substring(key.length()).replace("kB", "").strip());
                return number.isPresent() ? OptionalLong.of(number.getAsLong() * 1024) : number;
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // "max", "unlimited"
        }
    }

    private static OptionalLong one(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? OptionalLong.empty() : number(lines.getFirst().strip());
    }

    /** The least that any control group on the way up has left. */
    static OptionalLong left(Path hierarchy, String cgroup) {
        OptionalLong least = OptionalLong.empty();
        for (String path = cgroup; path.length() > 1; path = path.substring(0, path.lastIndexOf('/'))) {
            Path group = hierarchy.resolve(path.substring(1));
            OptionalLong most = one(group.resolve("memory.max"));
            OptionalLong used = one(group.resolve("memory.current"));
            if (most.isPresent() && used.isPresent()) {
                long left = Math.max(0, most.getAsLong() - used.getAsLong());
                least = OptionalLong.of(Math.min(left, least.orElse(Long.MAX_VALUE)));
            }
        }
        return least;
    }

    /** The soft limit: {@code Max locked memory  SOFT  HARD  bytes}; none holds for a privileged process (mlock(2)). */
    static OptionalLong lockable(Path proc) {
        if (isCapable(proc, IPC_LOCK)) {
            return OptionalLong.empty();
        }
        String key = "Max locked memory";
        for (String line : lines(proc.resolve("limits"))) {
            if (line.startsWith(key)) {
                return number(line.substring(key.length()).strip().split("\\s+", 2)[0]);
            }
        }
        return OptionalLong.empty();
    }

    /** {@code CapEff:} is a set of bits in hexadecimal (proc_pid_status(5)). */
    private static boolean isCapable(Path proc, int capability) {
        String key = "CapEff:";
        for (String line : lines(proc.resolve("status"))) {
            if (line.startsWith(key)) {
                try {
                    long set =
                            Long.parseUnsignedLong(line.substring(key.length()).strip(), 16);
                    return (set >> capability & 1) != 0;
                } catch (NumberFormatException e) {
                    return false;
                }
            }
        }
        return false;
    }
}
