package dev.cprkit.agent.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The TCP ports that a process listens on: its descriptors (proc_pid_fd(5)) that are listening in proc_pid_net(5). */
final class ListeningPorts {
    private static final String SOCKET = "socket:[";

    /** The fields of a line, and the state that says that it listens ({@code TCP_LISTEN} of the kernel). */
    private static final int LOCAL = 1;

    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENS = "0A";

    private ListeningPorts() {}

    /** In order; none if the process may not be looked into. */
    static List<Integer> of(Path proc) {
        Set<String> inodes = inodes(proc.resolve("fd"));
        Set<Integer> ports = new TreeSet<>();
        if (!inodes.isEmpty()) {
            read(proc.resolve("net/tcp"), inodes, ports);
            read(proc.resolve("net/tcp6"), inodes, ports);
        }
        return List.copyOf(ports);
    }

    private static Set<String> inodes(Path descriptors) {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path one : all) {
                String target = target(one);
                if (target.startsWith(SOCKET) && target.endsWith("]")) {
                    inodes.add(target.substring(SOCKET.length(), target.length() - 1));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return inodes;
        }
        return inodes;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    private static void read(Path table, Set<String> inodes, Set<Integer> ports) {
        try {
            for (String line : Files.readAllLines(table, StandardCharsets.ISO_8859_1)) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length > INODE && fields[STATE].equals(LISTENS) && inodes.contains(fields[INODE])) {
                    ports.add(Integer.parseInt(fields[LOCAL].substring(fields[LOCAL].lastIndexOf(':') + 1), 16));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return; // no such protocol in this kernel
        }
    }
}
