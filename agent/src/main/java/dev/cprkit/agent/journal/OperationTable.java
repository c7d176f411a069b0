package dev.cprkit.agent.journal;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal.Request;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Operations with their steps, findings, evidence and pauses. Lives as long as a transaction. */
final class OperationTable {
    /** More pauses than any prediction looks at. */
    private static final int PAUSES = 100;

    private final Connection connection;

    OperationTable(Connection connection) {
        this.connection = connection;
    }

    void insert(Operation operation, ProcessRef runner) throws SQLException {
        String spec = SpecJson.text(operation.spec());
        Sql.run(
                connection,
                "INSERT INTO operations (id, spec, digest, who, through, vm, kind, began, runner_pid, runner_started)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                operation.id(),
                spec,
                SpecJson.digest(spec),
                operation.caller().who(),
                operation.caller().through(),
                operation.spec().vm().text(),
                operation.spec().kind().kindName(),
                Fields.nanos(operation.began()),
                runner.pid(),
                runner.started());
    }

    Optional<String> underWay(VmName vm) throws SQLException {
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT id FROM operations WHERE vm = ? AND ended IS NULL", vm.text());
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    /** The processes that run an operation now, or did when they ended; one for each operation. */
    List<ProcessRef> runners() throws SQLException {
        List<ProcessRef> runners = new ArrayList<>();
        try (PreparedStatement statement = Sql.prepare(
                        connection,
                        "SELECT runner_pid, runner_started FROM operations WHERE runs = 1 AND ended IS NULL");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                runners.add(new ProcessRef(rows.getLong(1), rows.getLong(2)));
            }
        }
        return runners;
    }

    void runs(String id) throws SQLException {
        Sql.run(connection, "UPDATE operations SET runs = 1 WHERE id = ?", id);
    }

    boolean adopt(String id, ProcessRef from, ProcessRef to) throws SQLException {
        return Sql.run(
                        connection,
                        "UPDATE operations SET runner_pid = ?, runner_started = ?"
                                + " WHERE id = ? AND runner_pid = ? AND runner_started = ? AND ended IS NULL",
                        to.pid(),
                        to.started(),
                        id,
                        from.pid(),
                        from.started())
                == 1;
    }

    void step(String id, Step step) throws SQLException {
        Sql.run(
                connection,
                "INSERT INTO steps (operation, number, state, at, since_start, detail) SELECT ?,"
                        + " (SELECT count(*) FROM steps WHERE operation = ?), ?, ?, ?, ?",
                id,
                id,
                step.state().stateName(),
                Fields.nanos(step.at()),
                step.sinceStart().toNanos(),
                step.detail());
        Sql.run(
                connection,
                "UPDATE operations SET state = ? WHERE id = ?",
                step.state().stateName(),
                id);
    }

    void finding(String id, Finding finding) throws SQLException {
        Sql.run(
                connection,
                "INSERT INTO findings (operation, number, code, subject, problem, remedy) SELECT ?,"
                        + " (SELECT count(*) FROM findings WHERE operation = ?), ?, ?, ?, ?",
                id,
                id,
                finding.code().codeName(),
                finding.subject(),
                finding.problem(),
                finding.remedy());
    }

    void evidence(String id, String document) throws SQLException {
        Sql.run(connection, "INSERT OR REPLACE INTO evidence (operation, document) VALUES (?, ?)", id, document);
    }

    Optional<String> evidence(String id) throws SQLException {
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT document FROM evidence WHERE operation = ?", id);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    boolean end(String id, Outcome outcome) throws SQLException {
        return Sql.run(
                        connection,
                        "UPDATE operations SET outcome = ?, status = ?, ended = ?, runs = 0"
                                + " WHERE id = ? AND ended IS NULL",
                        OutcomeJson.text(outcome),
                        outcome.status().statusName(),
                        Fields.nanos(outcome.at()),
                        id)
                == 1;
    }

    void pause(String id, Outcome outcome) throws SQLException {
        if (outcome.mode().isPresent() && outcome.pause().isPresent()) {
            String mode = outcome.mode().get().qapiName();
            Sql.run(
                    connection,
                    "INSERT INTO pauses (vm, mode, nanos, at) SELECT vm, ?, ?, ? FROM operations WHERE id = ?",
                    mode,
                    outcome.pause().get().toNanos(),
                    Fields.nanos(outcome.at()),
                    id);
            Sql.run(
                    connection,
                    "DELETE FROM pauses WHERE vm = (SELECT vm FROM operations WHERE id = ?) AND mode = ?"
                            + " AND number <= (SELECT max(number) FROM pauses) - ?",
                    id,
                    mode,
                    PAUSES);
        }
    }

    List<Long> pauses(VmName vm, MigMode mode, int most) throws SQLException {
        List<Long> nanos = new ArrayList<>();
        try (PreparedStatement statement = Sql.prepare(
                        connection,
                        "SELECT nanos FROM pauses WHERE vm = ? AND mode = ? ORDER BY number DESC LIMIT ?",
                        vm.text(),
                        mode.qapiName(),
                        most);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                nanos.add(rows.getLong(1));
            }
        }
        return nanos;
    }

    void ask(String id, Request request) throws SQLException {
        Sql.run(
                connection,
                "UPDATE operations SET asked = ? WHERE id = ? AND asked <> 'cancel' AND ended IS NULL",
                request.name().toLowerCase(Locale.ROOT),
                id);
    }

    Request asked(String id) throws SQLException {
        try (PreparedStatement statement = Sql.prepare(connection, "SELECT asked FROM operations WHERE id = ?", id);
                ResultSet rows = statement.executeQuery()) {
            String asked = rows.next() ? rows.getString(1) : "";
            return switch (asked) {
                case "cancel" -> Request.CANCEL;
                case "commit" -> Request.COMMIT;
                default -> Request.NONE;
            };
        }
    }

    Optional<Operation> find(String id) throws SQLException, JournalException {
        List<Unfinished> found = select("WHERE id = ?", id);
        return found.stream().map(Unfinished::operation).findFirst();
    }

    List<Operation> latest(Optional<VmName> vm, int most) throws SQLException, JournalException {
        String order = "ORDER BY began DESC, id DESC LIMIT ?";
        List<Unfinished> found =
                vm.isPresent() ? select("WHERE vm = ? " + order, vm.get().text(), most) : select(order, most);
        return found.stream().map(Unfinished::operation).toList();
    }

    List<Unfinished> unfinished(Optional<VmName> vm) throws SQLException, JournalException {
        return vm.isPresent()
                ? select(
                        "WHERE ended IS NULL AND vm = ? ORDER BY began",
                        vm.get().text())
                : select("WHERE ended IS NULL ORDER BY began");
    }

    /** The VMs that have an operation under way. */
    List<VmName> underWay() throws SQLException {
        List<VmName> vms = new ArrayList<>();
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT vm FROM operations WHERE ended IS NULL ORDER BY began");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                VmName.of(rows.getString(1)).ifPresent(vms::add);
            }
        }
        return vms;
    }

    private List<Unfinished> select(String which, Object... values) throws SQLException, JournalException {
        List<Unfinished> found = new ArrayList<>();
        try (PreparedStatement statement = Sql.prepare(connection, "SELECT * FROM operations " + which, values);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(unfinished(rows));
            }
        }
        return found;
    }

    private Unfinished unfinished(ResultSet row) throws SQLException, JournalException {
        String id = row.getString("id");
        String outcome = row.getString("outcome");
        Optional<String> evidence = evidence(id);
        return new Unfinished(
                new Operation(
                        id,
                        SpecJson.of(row.getString("spec")),
                        new Caller(row.getString("who"), row.getString("through")),
                        Fields.instant(row.getLong("began")),
                        steps(id),
                        findings(id),
                        outcome == null ? Optional.empty() : Optional.of(OutcomeJson.of(outcome))),
                new ProcessRef(row.getLong("runner_pid"), row.getLong("runner_started")),
                evidence.isPresent() ? Optional.of(EvidenceJson.of(evidence.get())) : Optional.empty());
    }

    private List<Step> steps(String id) throws SQLException, JournalException {
        List<Step> steps = new ArrayList<>();
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT * FROM steps WHERE operation = ? ORDER BY number", id);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                steps.add(new Step(
                        state(rows.getString("state")),
                        Fields.instant(rows.getLong("at")),
                        Duration.ofNanos(rows.getLong("since_start")),
                        rows.getString("detail")));
            }
        }
        return steps;
    }

    private static UpdateState state(String name) throws JournalException {
        for (UpdateState state : UpdateState.values()) {
            if (state.stateName().equals(name)) {
                return state;
            }
        }
        return Fields.known(Optional.empty(), "state");
    }

    private List<Finding> findings(String id) throws SQLException, JournalException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT * FROM findings WHERE operation = ? ORDER BY number", id);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                findings.add(new Finding(
                        code(rows.getString("code")),
                        rows.getString("subject"),
                        rows.getString("problem"),
                        rows.getString("remedy")));
            }
        }
        return findings;
    }

    private static Finding.Code code(String name) throws JournalException {
        for (Finding.Code code : Finding.Code.values()) {
            if (code.codeName().equals(name)) {
                return code;
            }
        }
        return Fields.known(Optional.empty(), "finding");
    }

    void prune(Instant oldest, int most) throws SQLException {
        Sql.run(
                connection,
                "DELETE FROM operations WHERE ended IS NOT NULL AND (ended < ? OR began < (SELECT began FROM operations"
                        + " WHERE ended IS NOT NULL ORDER BY began DESC LIMIT 1 OFFSET ?))",
                Fields.nanos(oldest),
                most - 1);
    }
}
