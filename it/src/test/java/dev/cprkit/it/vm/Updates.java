package dev.cprkit.it.vm;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The steps of a live update, as a QMP client does them. */
final class Updates {
    /** How the device state travels. */
    enum Main {
        UNIX,
        DEFER,
        TCP
    }

    private static int tcpPort;

    private Updates() {}

    /** Boots the bare-metal guest in a process named {@code old}. */
    static VmProcess boot(Path folder, BareGuest guest, String... more) throws Exception {
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(guest.consoleOptions());
        options.addAll(List.of("-kernel", BareGuest.image().toString()));
        options.addAll(List.of(more));
        return VmProcess.start(folder, "old", options);
    }

    /** Starts the process that takes over, and returns when it can be connected to. */
    static VmProcess startNext(Path folder, BareGuest guest, String name, Main main, String... more) throws Exception {
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(guest.consoleOptions());
        options.addAll(List.of("-kernel", BareGuest.image().toString()));
        return startNext(folder, name, main, options, more);
    }

    static VmProcess startNext(Path folder, String name, Main main, List<String> machine, String... more)
            throws Exception {
        List<String> options = new ArrayList<>(machine);
        options.addAll(List.of("-incoming", incoming(folder, main)));
        options.addAll(List.of("-incoming", "cpr,addr.transport=socket,addr.type=unix,addr.path=" + cprPath(folder)));
        options.addAll(List.of(more));
        VmProcess next = VmProcess.start(folder, name, options);
        try {
            Await.until(
                    VmProcess.LIMIT,
                    () -> "a cpr socket; it printed: " + next.output(),
                    () -> VmProcess.isListening(cprPath(folder)) || !next.isAlive());
            return next;
        } catch (Throwable e) {
            next.close();
            throw e;
        }
    }

    private static String incoming(Path folder, Main main) throws Exception {
        return switch (main) {
            case UNIX -> "unix:" + mainPath(folder);
            case DEFER -> "defer";
            case TCP -> {
                try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    tcpPort = free.getLocalPort();
                }
                yield "tcp:127.0.0.1:" + tcpPort;
            }
        };
    }

    static Path mainPath(Path folder) {
        return folder.resolve("main.sock");
    }

    static Path cprPath(Path folder) {
        return folder.resolve("cpr.sock");
    }

    /** Sets the mode and sends the guest on its way. */
    static void migrate(VmProcess old, Path folder, Main main) throws Exception {
        old.execute("migrate-set-parameters", "{'mode':'cpr-transfer'}");
        old.execute("migrate", channels(folder, main));
    }

    /** The arguments of {@code migrate}. */
    static String channels(Path folder, Main main) {
        String address =
                switch (main) {
                    case UNIX, DEFER -> "{'transport':'socket','type':'unix','path':'" + mainPath(folder) + "'}";
                    case TCP -> "{'transport':'socket','type':'inet','host':'127.0.0.1','port':'" + tcpPort + "'}";
                };
        return "{'channels':[{'channel-type':'main','addr':" + address + "},"
                + "{'channel-type':'cpr','addr':{'transport':'socket','type':'unix','path':'" + cprPath(folder)
                + "'}}]}";
    }

    /** Which file the guest's RAM is: the inode of the memfd that the process has mapped. */
    static String ramInode(VmProcess vm) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + vm.pid() + "/maps"))) {
            if (line.contains("memfd:memory-backend-memfd")) {
                return line.split(" +", -1)[4];
            }
        }
        throw new AssertionError("no memory-backend-memfd is mapped in " + vm.pid());
    }
}
