package dev.cprkit.agent.daemon;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.journal.Retention;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.LocalOperations;
import dev.cprkit.agent.operation.ManagedVms;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmRegistry;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real host behind the agent: its journal, its engine, its VMs. Owns the journal. */
final class HostWiring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostWiring.class);

    /** So many pauses of a VM say what is to be expected. */
    private static final int PAUSES = 10;

    private final Journal journal;
    private final LocalOperations operations;
    private final Host host;

    private HostWiring(Journal journal, LocalOperations operations, Host host) {
        this.journal = journal;
        this.operations = operations;
        this.host = host;
    }

    /** Opens the journal; nothing is begun. */
    static HostWiring of(AgentConfig config, Home home, ProcessHost processes) throws JournalException {
        Journal journal = Journal.open(
                home.journal(), new Retention(config.keep().age(), config.keep().operations()));
        VmRegistry registry = new VmRegistry(home);
        LocalOperations operations = LocalOperations.of(
                home,
                journal,
                ManagedVms.of(registry),
                processes,
                config.operationsAtOnce(),
                new Caller("cpr-agent", "unix"));
        HostVms vms = new HostVms(registry, processes, operations, vm -> mode -> {
            try {
                return journal.pauses(vm, mode, PAUSES);
            } catch (JournalException e) {
                return List.of(); // a prediction less
            }
        });
        Host host = new Host(
                operations,
                operations::begin,
                () -> recover(operations),
                vms,
                journal::audit,
                new State(journal),
                home.state().resolve("host-updates"),
                config.operationsAtOnce());
        return new HostWiring(journal, operations, host);
    }

    private static void recover(LocalOperations operations) throws OperationException {
        for (Operation operation : operations.recover(Optional.empty())) {
            LOG.info("operation {} was left unfinished, and is finished now", operation.id());
        }
    }

    private record State(Journal journal) implements Host.JournalState {
        @Override
        public Optional<String> trouble() {
            return journal.trouble().map(JournalException::getMessage);
        }

        @Override
        public long foreignVersion() {
            try {
                return journal.foreignVersion();
            } catch (JournalException e) {
                return 0;
            }
        }
    }

    Host host() {
        return host;
    }

    @Override
    public void close() {
        operations.close();
        journal.close();
    }
}
