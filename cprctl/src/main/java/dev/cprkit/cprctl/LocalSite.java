package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.api.RemoteOperations;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.HostRecovery;
import dev.cprkit.agent.operation.HostWork;
import dev.cprkit.agent.operation.LocalOperations;
import dev.cprkit.agent.operation.ManagedVms;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.cprctl.terminal.Terminals;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** This host, really. */
final class LocalSite implements Site {
    /** For each question to a VM. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Whoever starts many cprctl at once wants them to wait for each other rather than to starve the guests. */
    private static final int PLACES = 4;

    private final Map<String, String> environment;
    private final ProcessHost host = new LinuxHost();
    private final Home home;

    LocalSite(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.home = Home.of(environment, host.uid());
    }

    @Override
    public Home home() {
        return home;
    }

    @Override
    public VmRegistry registry() {
        return new VmRegistry(home);
    }

    @Override
    public ProcessHost processes() {
        return host;
    }

    @Override
    public Examiner examiner() {
        return new LocalExaminer(host, LIMIT);
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public Path directory() {
        return Path.of("").toAbsolutePath();
    }

    @Override
    public Keyboard keyboard() {
        return new Keyboard(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                Terminals.isTerminal(0));
    }

    @Override
    public Operations operations(boolean agentAllowed) throws OperationException {
        if (agentAllowed && AgentClient.answers(home.agentSocket())) {
            return new Operations(new RemoteOperations(home.agentSocket()), true, () -> {});
        }
        Journal journal;
        try {
            journal = Journal.open(home.journal());
        } catch (JournalException e) {
            throw new OperationException(ExitStatus.REFUSED, e.getMessage() + "; nothing was done");
        }
        Caller caller = new Caller(System.getProperty("user.name", Integer.toString(host.uid())), "cprctl");
        LocalOperations operations = new LocalOperations(
                journal,
                new HostWork(home, journal, ManagedVms.of(registry()), host),
                new HostRecovery(home, host),
                PLACES,
                caller);
        return new Operations(operations, false, journal::close);
    }
}
