package dev.cprkit.agent.journal;

import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The audit trail: only added to, until an entry is too old. Lives as long as a transaction. */
final class AuditTable {
    private final Connection connection;

    AuditTable(Connection connection) {
        this.connection = connection;
    }

    void add(AuditEntry entry) throws SQLException {
        Sql.run(
                connection,
                "INSERT INTO audit (at, who, through, what, operation, program, sha256, result)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                Fields.nanos(entry.at()),
                entry.caller().who(),
                entry.caller().through(),
                entry.what(),
                entry.operation(),
                entry.program(),
                entry.sha256(),
                entry.result());
    }

    /** The same as was said at an operation's beginning, with its result. */
    void ended(String id, Outcome outcome) throws SQLException {
        Sql.run(
                connection,
                "INSERT INTO audit (at, who, through, what, operation, program, sha256, result)"
                        + " SELECT ?, who, through, what, operation, program, sha256, ? FROM audit"
                        + " WHERE operation = ? AND result = 'begun' ORDER BY number LIMIT 1",
                Fields.nanos(outcome.at()),
                outcome.status().statusName(),
                id);
    }

    List<AuditEntry> latest(int most) throws SQLException {
        List<AuditEntry> entries = new ArrayList<>();
        try (PreparedStatement statement =
                        Sql.prepare(connection, "SELECT * FROM audit ORDER BY number DESC LIMIT ?", most);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                entries.add(new AuditEntry(
                        Fields.instant(rows.getLong("at")),
                        new Caller(rows.getString("who"), rows.getString("through")),
                        rows.getString("what"),
                        rows.getString("operation"),
                        rows.getString("program"),
                        rows.getString("sha256"),
                        rows.getString("result")));
            }
        }
        return entries;
    }

    void prune(Instant oldest) throws SQLException {
        Sql.run(
                connection,
                "DELETE FROM audit WHERE at < ? AND operation NOT IN (SELECT id FROM operations WHERE ended IS NULL)",
                Fields.nanos(oldest));
    }
}
