package dev.cprkit.agent.journal;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.JournalException.Reason;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The journal of a host's operations, in SQLite.
 *
 * <p>It is what makes a kill at any instant harmless: each step of an operation is written before it is acted on, with what
 * is about to be touched ({@link Evidence}), so that whoever comes next finds all of it and can tell how far it had come.
 * What was written is on the disk when the method returns: a write-ahead log with {@code synchronous=FULL} survives the
 * end of this process and of the host (sqlite.org/wal.html).
 *
 * <p>Several processes share one file: every {@code cprctl} and the agent. That a VM has one operation at a time, and the
 * host so many, is decided here, in one transaction. An operation belongs to the process that runs it, by pid and start
 * time; when that one is gone, the first to {@link #adopt} it finishes it.
 *
 * <p>A full disk: an operation is not begun when there is less than {@link #LEAST_ROOM} left; one that is under way is never
 * stopped by it, its entries wait in memory until there is room.
 *
 * <p>Owns the file's connection. Any thread may call.
 */
public final class Journal implements AutoCloseable {
    /** Bytes that must be free before an operation begins: what it will write, with room to spare. */
    public static final long LEAST_ROOM = 4 << 20;

    private final Database database;
    private final Backlog backlog;
    private final Retention retention;

    /**
     * @param operation as the journal has it
     * @param fresh whether it was not there before
     */
    public record Begun(Operation operation, boolean fresh) {}

    /** What somebody asked of an operation that another process runs. */
    public enum Request {
        NONE,
        COMMIT,
        CANCEL
    }

    private Journal(Database database, Retention retention) {
        this.database = database;
        this.backlog = new Backlog(database);
        this.retention = retention;
    }

    /** Opens the journal, and makes it if there is none. */
    public static Journal open(Path file) throws JournalException {
        return open(file, Retention.DEFAULT);
    }

    /**
     * Opens the journal, and makes it if there is none.
     *
     * @throws JournalException if it cannot be, or must not be: it is damaged, or a newer version's; it is left as it is
     */
    public static Journal open(Path file, Retention retention) throws JournalException {
        return new Journal(Database.open(file), retention);
    }

    /**
     * Begins an operation, or finds the one of that id with the same spec. On the disk on return.
     *
     * @param program the file that will run; empty if it is not known yet
     * @param sha256 of that file
     * @throws OperationException with CONFLICT if the id is another operation's, or the VM has one under way; with REFUSED
     *     if the journal cannot be written: nothing may be done that cannot be told
     */
    public Begun begin(String id, OperationSpec spec, Caller caller, ProcessRef runner, String program, String sha256)
            throws OperationException {
        try {
            Optional<Operation> there = find(id);
            if (there.isEmpty()) {
                checkRoom();
            }
            return database.write(connection -> {
                OperationTable operations = new OperationTable(connection);
                Optional<Operation> same = operations.find(id);
                if (same.isPresent()) {
                    return new Begun(sameAs(same.get(), spec), false);
                }
                Optional<String> other = operations.underWay(spec.vm());
                if (other.isPresent()) {
                    throw new OperationException(
                            ExitStatus.CONFLICT,
                            "operation " + other.get() + " of " + spec.vm() + " is under way: wait for its end, or"
                                    + " cancel it");
                }
                Instant now = Instant.now(); // it may have waited for another process before
                Operation operation = new Operation(id, spec, caller, now, List.of(), List.of(), Optional.empty());
                operations.insert(operation, runner);
                new AuditTable(connection).add(new AuditEntry(now, caller, what(spec), id, program, sha256, "begun"));
                return new Begun(operation, true);
            });
        } catch (JournalException e) {
            throw new OperationException(ExitStatus.REFUSED, e.getMessage() + "; nothing was done");
        }
    }

    private static Operation sameAs(Operation there, OperationSpec spec) throws OperationException {
        if (!there.spec().equals(spec)) {
            throw new OperationException(
                    ExitStatus.CONFLICT,
                    "operation " + there.id() + " is another one already (" + what(there.spec())
                            + "): choose another id");
        }
        return there;
    }

    private static String what(OperationSpec spec) {
        return spec.kind().kindName() + " " + spec.vm();
    }

    private void checkRoom() throws JournalException {
        long room;
        try {
            room = Files.getFileStore(database.file()).getUsableSpace();
        } catch (IOException e) {
            return; // a file system that does not tell; writing will
        }
        if (room < LEAST_ROOM) {
            throw new JournalException(
                    Reason.FULL,
                    "the disk of the journal " + database.file() + " is full (" + (room >> 10)
                            + " KiB left, and an operation begins with " + (LEAST_ROOM >> 10) + "); make room");
        }
    }

    /**
     * Takes one of the host's places for an operation that is to run now.
     *
     * @param places how many operations may run at once
     * @param isAlive whether the process that runs an operation is still there
     * @return whether it got one
     */
    public boolean takePlace(String id, int places, Predicate<ProcessRef> isAlive) throws JournalException {
        return database.write(connection -> {
            OperationTable operations = new OperationTable(connection);
            long taken = operations.runners().stream().filter(isAlive).count();
            if (taken >= places) {
                return false;
            }
            operations.runs(id);
            return true;
        });
    }

    /** Takes over an operation whose runner is gone; false if it has ended, or somebody else has taken it over. */
    public boolean adopt(Unfinished left, ProcessRef runner) throws JournalException {
        return database.write(connection ->
                new OperationTable(connection).adopt(left.operation().id(), left.runner(), runner));
    }

    /** An operation has reached a state. Like the other entries of an operation under way, this throws nothing. */
    public void entered(String id, Step step) {
        backlog.write(connection -> new OperationTable(connection).step(id, step));
    }

    /** A check of an operation found something. */
    public void found(String id, Finding finding) {
        backlog.write(connection -> new OperationTable(connection).finding(id, finding));
    }

    /** What an operation has touched, and is about to: takes the place of what it said before. */
    public void evidence(String id, Evidence evidence) {
        String document = EvidenceJson.text(evidence);
        backlog.write(connection -> new OperationTable(connection).evidence(id, document));
    }

    /** An operation has ended. An outcome that is there already stays. */
    public void ended(String id, Outcome outcome) {
        backlog.write(connection -> {
            OperationTable operations = new OperationTable(connection);
            if (operations.end(id, outcome)) {
                new AuditTable(connection).ended(id, outcome);
                operations.pause(id, outcome);
            }
        });
        prune();
    }

    /** The operation of that id. */
    public Optional<Operation> find(String id) throws JournalException {
        return database.read(connection -> new OperationTable(connection).find(id));
    }

    /** The latest operations of a VM, or of all, the newest first. */
    public List<Operation> history(Optional<VmName> vm, int most) throws JournalException {
        return database.read(connection -> new OperationTable(connection).latest(vm, most));
    }

    /** The operations without an outcome, of a VM or of all, the oldest first; fails if one of them cannot be read. */
    public List<Unfinished> unfinished(Optional<VmName> vm) throws JournalException {
        return database.read(connection -> new OperationTable(connection).unfinished(vm));
    }

    /** The VMs that have an operation without an outcome, the oldest first. */
    public List<VmName> underWay() throws JournalException {
        return database.read(connection -> new OperationTable(connection).underWay());
    }

    /** What an operation had touched when it last said so. */
    public Optional<Evidence> evidence(String id) throws JournalException {
        Optional<String> document = database.read(connection -> new OperationTable(connection).evidence(id));
        return document.isPresent() ? Optional.of(EvidenceJson.of(document.get())) : Optional.empty();
    }

    /** Leaves a request for the process that runs an operation. */
    public void ask(String id, Request request) throws JournalException {
        database.write(connection -> {
            new OperationTable(connection).ask(id, request);
            return null;
        });
    }

    /** What was asked of an operation. */
    public Request asked(String id) throws JournalException {
        return database.read(connection -> new OperationTable(connection).asked(id));
    }

    /** A number that changes when another process writes: so that looking again costs next to nothing while none does. */
    public long foreignVersion() throws JournalException {
        return database.foreignVersion();
    }

    /** Writes an entry of the audit trail that is no operation's. */
    public void audit(AuditEntry entry) {
        backlog.write(connection -> new AuditTable(connection).add(entry));
    }

    /** The latest entries of the audit trail, the newest first. */
    public List<AuditEntry> audit(int most) throws JournalException {
        return database.read(connection -> new AuditTable(connection).latest(most));
    }

    /** How long a VM stood still in its latest updates of a mode, the newest first. */
    public List<Duration> pauses(VmName vm, MigMode mode, int most) throws JournalException {
        return database.read(connection -> new OperationTable(connection)
                .pauses(vm, mode, most).stream().map(Duration::ofNanos).toList());
    }

    /** Why entries wait in memory; empty if all are on the disk. */
    public Optional<JournalException> trouble() {
        return backlog.trouble();
    }

    /** Forgets what the retention says; done after each operation. */
    public void prune() {
        Instant oldest = Instant.now().minus(retention.age());
        try {
            database.write(connection -> {
                new OperationTable(connection).prune(oldest, retention.operations());
                new AuditTable(connection).prune(oldest);
                return null;
            });
        } catch (JournalException e) {
            // It is tried again after the next operation; until then there is more than there need be.
        }
    }

    /** For tests: lets the file grow no more, as a full disk does; 0 lifts that. */
    void limitPages(long pages) throws JournalException {
        database.limitPages(pages);
    }

    @Override
    public void close() {
        backlog.close();
        database.close();
    }
}
