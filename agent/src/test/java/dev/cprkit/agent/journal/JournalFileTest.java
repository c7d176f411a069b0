package dev.cprkit.agent.journal;

import static dev.cprkit.agent.journal.Entries.CALLER;
import static dev.cprkit.agent.journal.Entries.spec;
import static dev.cprkit.agent.journal.Entries.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.JournalException.Reason;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.UpdateState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's file, when it is not as it should be: damaged, somebody else's, without room. */
class JournalFileTest {
    private static final ProcessRef SELF = ProcessRef.self();

    @TempDir
    Path folder;

    private JournalException refused(Path file) throws Exception {
        byte[] before = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
        JournalException refused = catchThrowableOfType(
                JournalException.class, () -> Journal.open(file).close());
        assertThat(refused).isNotNull();
        if (Files.isRegularFile(file)) {
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }
        return refused;
    }

    private void sql(Path file, String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("journal.db"), "these are no tables ".repeat(100));
        JournalException refused = refused(file);
        assertThat(refused.reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(refused)
                .hasMessage("the journal " + file
                        + " is damaged or no journal; nothing was changed: move it away to begin a new one");
    }

    @Test
    void aDamagedFileIsLeftAlone() throws Exception {
        Path file = folder.resolve("journal.db");
        Journal.open(file).close();
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4096, bytes.length, (byte) 0x5a);
        Files.write(file, bytes);
        assertThat(refused(file).reason()).isEqualTo(Reason.UNREADABLE);
    }

    @Test
    void aNewerVersionsFileIsLeftAlone() throws Exception {
        Path file = folder.resolve("journal.db");
        Journal.open(file).close();
        sql(file, "PRAGMA user_version = 7");
        JournalException refused = refused(file);
        assertThat(refused.reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(refused)
                .hasMessage("the journal " + file + " was written by a newer cprkit (its version is 7, and this program"
                        + " knows 1); nothing was changed: use that cprkit, or move the file away");
    }

    @Test
    void anotherProgramsDatabaseIsLeftAlone() throws Exception {
        Path file = folder.resolve("journal.db");
        sql(file, "CREATE TABLE songs (name TEXT)");
        assertThat(refused(file))
                .hasMessage(file + " is another program's database; nothing was changed: move it away");
    }

    @Test
    void aFolderThatCannotBeMadeIsASentence() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "").resolve("journal.db");
        assertThat(refused(file).reason()).isEqualTo(Reason.INACCESSIBLE);
        assertThat(refused(file)).hasMessageStartingWith("the journal " + file + " cannot be made: ");
    }

    @Test
    void aNameWithEveryCharacterIsAName() throws Exception {
        Path file = folder.resolve("a?b=c&d %20#ü").resolve("journal.db");
        try (Journal journal = Journal.open(file)) {
            journal.begin("one", spec("web"), CALLER, SELF, "", "");
        }
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void withoutRoomNothingBeginsAndWhatIsUnderWayGoesOn() throws Exception {
        Path file = folder.resolve("journal.db");
        try (Journal journal = Journal.open(file)) {
            journal.begin("one", spec("web"), CALLER, SELF, "", "");
            journal.limitPages(1); // SQLite takes the number of pages that there are
            fill(journal);

            var refused = catchThrowableOfType(OperationException.class, () -> beginMany(journal));
            assertThat(refused.status()).isEqualTo(ExitStatus.REFUSED);
            assertThat(refused)
                    .hasMessage("the journal " + file + " has no room left on its disk; make room; nothing was done");

            int told = journal.find("one").orElseThrow().steps().size();
            journal.entered("one", step(UpdateState.CHECKED));
            journal.ended("one", Entries.outcome(ExitStatus.OK, Instant.now()));
            assertThat(journal.trouble()).isPresent();
            assertThat(journal.find("one").orElseThrow().outcome()).isEmpty();

            journal.limitPages(0);
            awaitCalm(journal);
            Operation one = journal.find("one").orElseThrow();
            assertThat(one.outcome().orElseThrow().status()).isEqualTo(ExitStatus.OK);
            assertThat(one.steps()).hasSizeGreaterThan(told);
            assertThat(one.state()).contains(UpdateState.CHECKED);
        }
    }

    /** Each table has a little room in the pages that it has. */
    private static void beginMany(Journal journal) throws OperationException {
        for (int i = 0; i < 1000; i++) {
            journal.begin("many" + i, spec("vm" + i), CALLER, SELF, "", "");
        }
    }

    /** Until nothing more goes in. */
    private static void fill(Journal journal) {
        for (int i = 0; i < 10_000 && journal.trouble().isEmpty(); i++) {
            journal.entered("one", step(UpdateState.PLANNED));
        }
        assertThat(journal.trouble()).isPresent();
    }

    private static void awaitCalm(Journal journal) throws InterruptedException {
        long limit = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (journal.trouble().isPresent() && System.nanoTime() < limit) {
            TimeUnit.MILLISECONDS.timedJoin(Thread.ofVirtual().unstarted(() -> {}), 20);
        }
        assertThat(journal.trouble()).isEmpty();
    }

    @Test
    void whatWaitedForRoomIsWrittenWhenTheJournalIsClosed() throws Exception {
        Path file = folder.resolve("journal.db");
        try (Journal journal = Journal.open(file)) {
            journal.begin("one", spec("web"), CALLER, SELF, "", "");
            journal.limitPages(1);
            fill(journal);
            journal.ended("one", Entries.outcome(ExitStatus.OK, Instant.now()));
            journal.limitPages(0);
        }
        try (Journal journal = Journal.open(file)) {
            assertThat(journal.find("one").orElseThrow().outcome()).isPresent();
            assertThat(journal.unfinished(Optional.empty())).isEmpty();
        }
    }

    @Test
    void whatWasWrittenIsFlushedAndNobodyElseMayReadIt() throws Exception {
        Path fresh = folder.resolve("of/ours/journal.db");
        try (Database database = Database.open(fresh)) {
            assertThat(database.<Long, SQLException>read(
                            connection -> Database.number(connection, "PRAGMA synchronous")))
                    .as("FULL")
                    .isEqualTo(2);
            for (String name : List.of("journal.db", "journal.db-wal")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh.resolveSibling(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
        }
    }
}
