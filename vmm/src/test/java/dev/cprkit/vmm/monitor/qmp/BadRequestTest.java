package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** Requests that cannot be followed, and the words in which QEMU 11.1.3 says so, taken down from it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestTest {
    @TempDir
    private Path folder;

    private MonitorFixture monitors;

    @BeforeAll
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
    }

    @AfterAll
    void stop() {
        monitors.close();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "bad-requests.txt", delimiter = '|', quoteCharacter = '`')
    void isRefused(String command, String arguments, String answer) throws Exception {
        assertThat(monitors.run(command, arguments)).isEqualTo(answer);
    }
}
