package dev.cprkit.it.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every case, on the subject that a subclass finds. */
@Timeout(120)
abstract class ConformanceSuite
        implements RequestCases,
                ConnectCases,
                CprStateCases,
                RunStateCases,
                StreamCases,
                IncomingCases,
                PlugCases,
                ExecCases,
                RebootCases {
    @TempDir
    private Path folder;

    private Trial trial;

    /** The subject; empty if this host has none. */
    abstract Optional<Subject> find() throws Exception;

    /** Why there is none. */
    abstract String reason();

    @BeforeEach
    void begin() throws Exception {
        Optional<Subject> found = find();
        assumeTrue(found.isPresent(), this::reason);
        trial = new Trial(found.orElseThrow(), folder);
    }

    @AfterEach
    void end() throws Exception {
        if (trial != null) {
            trial.close();
        }
    }

    @Override
    public Trial trial() {
        return trial;
    }
}
