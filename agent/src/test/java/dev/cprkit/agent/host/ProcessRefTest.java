package dev.cprkit.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessRefTest {
    @ParameterizedTest
    @CsvSource({
        "R, 3, true",
        "S, 1, true",
        "D, 1, true",
        "Z, 2, true", // its other threads still hold its sockets and its memory
        "Z, 1, false",
        "X, 0, false"
    })
    void aProcessHasEndedWhenItsLastThreadHas(String state, int threads, boolean there) {
        // As proc_pid_stat(5) has it, with a name that looks like more fields.
        String stat = "7 (a) Z 1 (b) %s 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 %d 0 4711 0 0 18446744073709551615"
                .formatted(state, threads);
        var found = ProcessRef.of(7, stat);
        assertThat(found.isPresent()).isEqualTo(there);
        found.ifPresent(ref -> assertThat(ref.started() & (1L << 44) - 1)
                .as("the rest is the boot")
                .isEqualTo(4711));
    }
}
