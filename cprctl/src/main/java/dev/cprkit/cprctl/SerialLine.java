package dev.cprkit.cprctl;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.cprctl.terminal.ConsoleSession;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A VM's first serial line, wherever the VM is by now. */
record SerialLine(ProcessHost host, Path qmp) implements ConsoleSession.Line {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String FREE = "disconnected:";
    private static final String UNIX = "unix:";
    private static final String SERVER = ",server=on";

    /**
     * Where it is.
     *
     * @param free whether nobody is attached
     */
    record Place(Path socket, boolean free) {}

    /** Asks the VM; the exception's message is a sentence. */
    Place place() throws IOException {
        try (VmMonitor monitor = VmMonitor.open(qmp, LIMIT, () -> {})) {
            monitor.negotiate();
            ProcessFacts facts = host.facts(monitor.peer().pid());
            return place(monitor.chardevs(), facts);
        } catch (QmpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Place place(Map<String, String> chardevs, ProcessFacts facts) throws IOException {
        String label = label(facts);
        String leadsTo = Optional.ofNullable(chardevs.get(label))
                .orElseThrow(
                        () -> new IOException("the VM has no serial line; start it with -serial unix:PATH,server=on,"
                                + "wait=off, or with cprctl launch --make-updatable"));
        boolean free = leadsTo.startsWith(FREE);
        String address = free ? leadsTo.substring(FREE.length()) : leadsTo;
        if (!address.startsWith(UNIX) || !address.contains(SERVER)) {
            throw new IOException("the VM's serial line is no unix socket but " + leadsTo
                    + (leadsTo.startsWith("pty:") ? "; open that with another program, such as screen" : ""));
        }
        String path = address.substring(UNIX.length(), address.lastIndexOf(SERVER));
        return new Place(facts.directory().resolve(path), free);
    }

    private static String label(ProcessFacts facts) {
        Program program = Program.of(facts.commandLine(), facts.executable());
        for (QemuOption option : QemuOption.parse(program.arguments())) {
            String value = option.value().orElse("");
            if (option.name().equals("serial")) {
                return value.startsWith("chardev:") ? value.substring("chardev:".length()) : "serial0";
            }
        }
        return "serial0";
    }

    @Override
    public SocketChannel connect() throws IOException {
        Place place = place();
        if (!place.free()) {
            throw new IOException("somebody else is attached to the serial line at " + place.socket()
                    + ", which serves one at a time");
        }
        return SocketChannel.open(UnixDomainSocketAddress.of(place.socket()));
    }
}
