package dev.cprkit.vmm.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.qapi.RunState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunStatesTest {
    @Test
    void itBeginsInPrelaunch() {
        assertThat(new RunStates().current()).isEqualTo(RunState.PRELAUNCH);
    }

    @ParameterizedTest
    @CsvSource({
        "PRELAUNCH, RUNNING", "PRELAUNCH, INMIGRATE", "INMIGRATE, PAUSED", "RUNNING, FINISH_MIGRATE",
        "FINISH_MIGRATE, POSTMIGRATE", "FINISH_MIGRATE, RUNNING", "POSTMIGRATE, RUNNING", "SHUTDOWN, PRELAUNCH",
        "RUNNING, RUNNING"
    })
    void listedEdgesAreTaken(RunState from, RunState to) {
        assertThat(RunStates.allowed(from, to)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "PRELAUNCH, PAUSED",
        "POSTMIGRATE, SUSPENDED",
        "POSTMIGRATE, PAUSED",
        "INMIGRATE, DEBUG",
        "RUNNING, PRELAUNCH",
        "RUNNING, POSTMIGRATE",
        "SHUTDOWN, RUNNING"
    })
    void otherEdgesAreNot(RunState from, RunState to) {
        assertThat(RunStates.allowed(from, to)).isFalse();
    }

    @Test
    void anEdgeThatIsNotListedIsABugAndSaysWhich() {
        RunStates states = new RunStates();
        assertThatThrownBy(() -> states.set(RunState.PAUSED))
                .hasMessage("invalid runstate transition: 'prelaunch' -> 'paused'");
        assertThat(states.current()).isEqualTo(RunState.PRELAUNCH);
    }
}
