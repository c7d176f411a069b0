package dev.cprkit.agent.journal;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.journal.JournalException.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.JDBC;
import org.sqlite.SQLiteException;

/**
 * The journal's SQLite file. Several processes may have it open. What {@link #write} did is on the disk when it returns:
 * write-ahead log, and {@code synchronous=FULL}, which flushes the log at each commit. Any thread may call; one at a time
 * gets the connection.
 */
final class Database implements AutoCloseable {
    private static final Duration BUSY = Duration.ofSeconds(5);
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PRIVATE);

    private final Path file;
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();

    /** What is done with the connection. */
    interface Work<T, E extends Exception> {
        T with(Connection connection) throws SQLException, JournalException, E;
    }

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Opens the file, and makes it, its folder and its tables as far as they are missing. */
    static Database open(Path file) throws JournalException {
        prepare(file);
        Database database = new Database(file, connect(file));
        try {
            database.read(connection -> {
                Schema.check(file, connection);
                return null;
            });
            database.locked(connection -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("PRAGMA journal_mode = WAL");
                    statement.execute("PRAGMA synchronous = FULL");
                    statement.execute("PRAGMA foreign_keys = ON");
                }
                return null;
            });
            database.write(connection -> {
                Schema.bringUpToDate(file, connection);
                return null;
            });
            return database;
        } catch (JournalException e) {
            database.close();
            throw e;
        }
    }

    private static void prepare(Path file) throws JournalException {
        try {
            PrivateFolder.makeAbove(file);
            if (Files.exists(file)) {
                tighten(file);
            } else {
                create(file);
            }
        } catch (IOException e) {
            throw new JournalException(
                    Reason.INACCESSIBLE,
                    "the journal " + file + " cannot be made: " + reason(e) + "; give " + Home.STATE_VARIABLE
                            + " a folder that this user may write to");
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file, PRIVATE_FILE); // SQLite gives its log the same permissions
        } catch (FileAlreadyExistsException e) {
            // Another process was quicker, and makes it the same way.
        }
    }

    private static void tighten(Path file) {
        try {
            if (Files.isRegularFile(file)
                    && !Files.getPosixFilePermissions(file).equals(PRIVATE)) {
                Files.setPosixFilePermissions(file, PRIVATE);
            }
        } catch (IOException e) {
            // Not ours to change: if it may not be used either, opening it says so.
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
    }

    private static Connection connect(Path file) throws JournalException {
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", Long.toString(BUSY.toMillis()));
        try {
            // As a URI, so that no character of the path means anything to the driver.
            return JDBC.createConnection("jdbc:sqlite:" + file.toAbsolutePath().toUri(), properties);
        } catch (SQLException e) {
            throw explain(file, e);
        }
    }

    /** Looks, at one moment of the file. */
    <T, E extends Exception> T read(Work<T, E> work) throws JournalException, E {
        return locked(connection -> {
            execute("BEGIN");
            return inTransaction(work);
        });
    }

    /** Changes the file; nothing of it if this throws. On the disk on return. */
    <T, E extends Exception> T write(Work<T, E> work) throws JournalException, E {
        return locked(connection -> {
            execute("BEGIN IMMEDIATE"); // so that what was read in it is still so when it is written
            return inTransaction(work);
        });
    }

    private <T, E extends Exception> T inTransaction(Work<T, E> work) throws SQLException, JournalException, E {
        boolean done = false;
        try {
            T result = work.with(connection);
            execute("COMMIT");
            done = true;
            return result;
        } finally {
            if (!done) {
                rollBack();
            }
        }
    }

    private void rollBack() {
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            // SQLite has done so itself, as it does when the disk is full.
        }
    }

    private <T, E extends Exception> T locked(Work<T, E> work) throws JournalException, E {
        lock.lock();
        try {
            return work.with(connection);
        } catch (SQLException e) {
            throw explain(file, e);
        } finally {
            lock.unlock();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A number that another process's write to the file changes, and ours does not. Cheap. */
    long foreignVersion() throws JournalException {
        return locked(connection -> number(connection, "PRAGMA data_version"));
    }

    /** Lets the file grow no more, as a full disk does; 0 lifts that. */
    void limitPages(long pages) throws JournalException {
        locked(connection -> {
            execute("PRAGMA max_page_count = " + (pages == 0 ? Integer.MAX_VALUE : pages));
            return null;
        });
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** What SQLite says, in our words (sqlite.org/rescode.html). */
    static JournalException explain(Path file, SQLException e) {
        int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : 0;
        String journal = "the journal " + file;
        return switch (code) {
            case 13 -> new JournalException(Reason.FULL, journal + " has no room left on its disk; make room");
            case 5, 6 ->
                new JournalException(
                        Reason.BUSY,
                        journal + " was being written by another process for " + BUSY.toSeconds() + " s; try again");
            case 11, 26 ->
                new JournalException(
                        Reason.UNREADABLE,
                        journal + " is damaged or no journal; nothing was changed: move it away to begin a new one");
            default ->
                new JournalException(
                        Reason.INACCESSIBLE, journal + " cannot be used: " + e.getMessage() + "; see its folder");
        };
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            // What was written is on the disk already.
        } finally {
            lock.unlock();
        }
    }
}
