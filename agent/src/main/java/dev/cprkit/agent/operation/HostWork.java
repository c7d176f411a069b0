package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.GuestRestore;
import dev.cprkit.agent.update.GuestSave;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What operations do on this host: updates by the engine, and reboots around them. Any thread may call. */
public final class HostWork implements Work.Source {
    /** Among so many of a VM's latest operations the last update is looked for. */
    private static final int LATEST = 1000;

    /** How many of a VM's latest pauses say what to expect. */
    private static final int PAUSES = 10;

    private final Home home;
    private final Journal journal;
    private final ManagedVms vms;
    private final ProcessHost host;

    public HostWork(Home home, Journal journal, ManagedVms vms, ProcessHost host) {
        this.home = home;
        this.journal = journal;
        this.vms = vms;
        this.host = host;
    }

    @Override
    public Optional<Path> program(OperationSpec spec) throws OperationException {
        return switch (spec.kind()) {
            case UPDATE, RESTORE -> spec.program();
            case ROLLBACK -> Optional.of(previous(spec.vm()).path());
            case SAVE -> Optional.empty();
        };
    }

    @Override
    public Work of(Operation operation, UpdateJournal told, Cancellation cancellation) throws OperationException {
        OperationSpec spec = operation.spec();
        return switch (spec.kind()) {
            case UPDATE -> update(spec, spec.program(), told, cancellation);
            case ROLLBACK -> update(spec, Optional.of(previous(spec.vm()).path()), told, cancellation);
            case SAVE -> save(operation, told, cancellation);
            case RESTORE -> restore(spec, told, cancellation);
        };
    }

    private Work save(Operation operation, UpdateJournal told, Cancellation cancellation) throws OperationException {
        OperationSpec spec = operation.spec();
        VmRecord record = record(spec.vm());
        GuestSave save = new GuestSave(
                new SavedStates(home), home.saved(), record.qmp(), spec.timeout(), host, told, cancellation);
        return () -> save.run(operation.id(), record);
    }

    private Work restore(OperationSpec spec, UpdateJournal told, Cancellation cancellation) {
        SavedStates states = new SavedStates(home);
        GuestRestore restore = new GuestRestore(states, spec.timeout(), host, told, cancellation);
        return () -> {
            Optional<VmRecord> saved = Optional.empty();
            try {
                saved = states.find(spec.vm()).map(SavedVm::record);
            } catch (IOException e) {
                // The restore says so.
            }
            Outcome outcome = restore.run(spec.vm(), spec.program());
            return outcome.status() == ExitStatus.OK && saved.isPresent() ? managed(saved.get(), outcome) : outcome;
        };
    }

    /** A restart of the host has emptied the folder that the VM's record was in. */
    private Outcome managed(VmRecord record, Outcome outcome) {
        try {
            if (vms.find(record.name()).isEmpty()) {
                vms.add(record);
            }
            return outcome;
        } catch (IOException e) {
            return Outcomes.of(
                    ExitStatus.ATTENTION,
                    outcome.message() + ", but it cannot be managed as " + record.name() + ": " + e.getMessage());
        }
    }

    private Work update(OperationSpec spec, Optional<Path> program, UpdateJournal told, Cancellation cancellation)
            throws OperationException {
        UpdateRequest request = new UpdateRequest(
                record(spec.vm()).qmp(),
                program,
                spec.timeout(),
                spec.mode().modes(),
                spec.pauseBudget(),
                spec.probation(),
                Optional.of(home.saved()));
        LiveUpdate update = new LiveUpdate(request, host, told, cancellation, history(spec.vm()));
        return new Work() {
            @Override
            public Outcome run() {
                return outcome(update.run());
            }

            @Override
            public void commit() {
                update.probation().commit();
            }

            @Override
            public void goBack() {
                update.probation().rollBack();
            }
        };
    }

    /** How long a VM stood still before. */
    public PauseHistory history(VmName vm) {
        return mode -> {
            try {
                return journal.pauses(vm, mode, PAUSES);
            } catch (JournalException e) {
                return List.of(); // a prediction less
            }
        };
    }

    private static Outcome outcome(UpdateResult result) {
        boolean changed = result.program().isPresent();
        return new Outcome(
                result.status(),
                result.message(),
                Instant.now(),
                result.mode(),
                result.handover().flatMap(UpdateResult.Handover::pause).map(pause -> pause.length()),
                result.program(),
                changed ? result.previous() : Optional.empty(),
                result.output());
    }

    private VmRecord record(VmName vm) throws OperationException {
        try {
            return vms.find(vm)
                    .orElseThrow(() -> new OperationException(
                            ExitStatus.UNREACHABLE, "there is no VM named " + vm + " on this host"));
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }

    /**
     * The program that ran a VM before the last operation that brought it into another one. That is also one that ended
     * with a look needed, as when the program hung in its probation: a rollback then leads out of it.
     */
    Operation.Program previous(VmName vm) throws OperationException {
        List<Operation> operations;
        try {
            operations = journal.history(Optional.of(vm), LATEST);
        } catch (JournalException e) {
            throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
        }
        for (Operation operation : operations) {
            Optional<Outcome> done = operation.outcome().filter(HostWork::brought);
            if (done.isPresent()) {
                return stillThere(operation.id(), done.flatMap(Outcome::previous));
            }
        }
        throw refused("no update of " + vm + " is in the journal: name the program to go back to, with update");
    }

    private static boolean brought(Outcome outcome) {
        boolean stays = outcome.status() == ExitStatus.OK
                || outcome.status() == ExitStatus.ATTENTION
                        && !outcome.program().equals(outcome.previous());
        return stays && outcome.program().isPresent();
    }

    private static Operation.Program stillThere(String id, Optional<Operation.Program> previous)
            throws OperationException {
        Operation.Program program =
                previous.orElseThrow(() -> refused("the journal does not say what ran before operation " + id
                        + ": name the program to go back to, with update"));
        if (!Files.isExecutable(program.path())) {
            throw refused("the program that ran before operation " + id + ", " + program.path()
                    + ", is not there any more: install it again");
        }
        if (!program.sha256().isEmpty() && !program.sha256().equals(FileDigest.ifKnown(program.path()))) {
            throw refused("the file at " + program.path() + " is not the program that ran before operation " + id
                    + ": install that one again, or name another with update");
        }
        return program;
    }

    private static OperationException refused(String message) {
        return new OperationException(ExitStatus.REFUSED, message);
    }
}
