package dev.cprkit.agent.journal;

import dev.cprkit.agent.journal.JournalException.Reason;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The journal's tables, and how an older file becomes a newer one: each entry of {@link #STEPS} leads from its index to the
 * next version, which the file keeps in {@code user_version}. Entries are only ever added. Times are nanoseconds since
 * 1970, lengths nanoseconds.
 */
final class Schema {
    /** "CPRK": marks the file as ours. */
    private static final int APPLICATION = 0x4350524b;

    private static final List<List<String>> STEPS = List.of(List.of(
            """
            CREATE TABLE operations (
                id TEXT PRIMARY KEY NOT NULL,
                spec TEXT NOT NULL,
                digest TEXT NOT NULL,
                who TEXT NOT NULL,
                through TEXT NOT NULL,
                vm TEXT NOT NULL,
                kind TEXT NOT NULL,
                began INTEGER NOT NULL,
                runner_pid INTEGER NOT NULL,
                runner_started INTEGER NOT NULL,
                runs INTEGER NOT NULL DEFAULT 0,
                asked TEXT NOT NULL DEFAULT '',
                state TEXT NOT NULL DEFAULT '',
                status TEXT NOT NULL DEFAULT '',
                outcome TEXT,
                ended INTEGER
            ) STRICT\
            """,
            "CREATE INDEX operations_by_time ON operations (began)",
            "CREATE INDEX operations_by_vm ON operations (vm, began)",
            // One operation of a VM at a time, whichever process begins it.
            "CREATE UNIQUE INDEX one_under_way ON operations (vm) WHERE ended IS NULL",
            """
            CREATE TABLE steps (
                operation TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                state TEXT NOT NULL,
                at INTEGER NOT NULL,
                since_start INTEGER NOT NULL,
                detail TEXT NOT NULL,
                PRIMARY KEY (operation, number)
            ) STRICT, WITHOUT ROWID\
            """,
            """
            CREATE TABLE findings (
                operation TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                code TEXT NOT NULL,
                subject TEXT NOT NULL,
                problem TEXT NOT NULL,
                remedy TEXT NOT NULL,
                PRIMARY KEY (operation, number)
            ) STRICT, WITHOUT ROWID\
            """,
            """
            CREATE TABLE evidence (
                operation TEXT PRIMARY KEY NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
                document TEXT NOT NULL
            ) STRICT, WITHOUT ROWID\
            """,
            """
            CREATE TABLE pauses (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                vm TEXT NOT NULL,
                mode TEXT NOT NULL,
                nanos INTEGER NOT NULL,
                at INTEGER NOT NULL
            ) STRICT\
            """,
            "CREATE INDEX pauses_by_vm ON pauses (vm, mode, number)",
            // Without a reference: what was done is still known when the operation itself is forgotten.
            """
            CREATE TABLE audit (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                at INTEGER NOT NULL,
                who TEXT NOT NULL,
                through TEXT NOT NULL,
                what TEXT NOT NULL,
                operation TEXT NOT NULL,
                program TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                result TEXT NOT NULL
            ) STRICT\
            """,
            "CREATE INDEX audit_by_time ON audit (at)"));

    private Schema() {}

    /** Fails if the file is not one that this program may write. Changes nothing. */
    static void check(Path file, Connection connection) throws SQLException, JournalException {
        long version = Database.number(connection, "PRAGMA user_version");
        long application = Database.number(connection, "PRAGMA application_id");
        boolean empty = Database.number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (empty && version == 0 && application == 0) {
            return;
        }
        if (application != APPLICATION) {
            throw new JournalException(
                    Reason.UNREADABLE, file + " is another program's database; nothing was changed: move it away");
        }
        if (version > STEPS.size()) {
            throw new JournalException(
                    Reason.UNREADABLE,
                    "the journal " + file + " was written by a newer cprkit (its version is " + version
                            + ", and this program knows " + STEPS.size()
                            + "); nothing was changed: use that cprkit, or move the file away");
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (rows.next() && !rows.getString(1).equals("ok")) {
                throw new JournalException(
                        Reason.UNREADABLE,
                        "the journal " + file + " is damaged (" + rows.getString(1)
                                + "); nothing was changed: move it away to begin a new one");
            }
        }
    }

    /** Makes the tables that are missing, within the caller's transaction: of two processes, one does it. */
    static void bringUpToDate(Path file, Connection connection) throws SQLException, JournalException {
        check(file, connection);
        int version = (int) Database.number(connection, "PRAGMA user_version");
        if (version == STEPS.size()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            for (List<String> step : STEPS.subList(version, STEPS.size())) {
                for (String sql : step) {
                    statement.execute(sql);
                }
            }
            statement.execute("PRAGMA application_id = " + APPLICATION);
            statement.execute("PRAGMA user_version = " + STEPS.size());
        }
    }
}
