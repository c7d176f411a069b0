package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.check.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpdateStateTest {
    private static final List<UpdateState> THROUGH = List.of(
            UpdateState.PLANNED,
            UpdateState.CHECKED,
            UpdateState.STAGED,
            UpdateState.ARMED,
            UpdateState.PAUSED,
            UpdateState.SAVED,
            UpdateState.TAKEN,
            UpdateState.RUNNING_NEW,
            UpdateState.COMMITTED);

    @Test
    void eachStateLeadsToTheNextAndToNoOtherButTheWayBack() {
        for (UpdateState from : UpdateState.values()) {
            Set<UpdateState> allowed = EnumSet.noneOf(UpdateState.class);
            Arrays.stream(UpdateState.values()).filter(from::allows).forEach(allowed::add);
            int at = THROUGH.indexOf(from);
            Set<UpdateState> expected = EnumSet.noneOf(UpdateState.class);
            if (at >= 0 && at + 1 < THROUGH.size()) {
                expected.add(THROUGH.get(at + 1));
            }
            if (at >= 0 && at < THROUGH.indexOf(UpdateState.TAKEN)) {
                expected.add(UpdateState.ABORTED);
            }
            if (from == UpdateState.SAVED || from == UpdateState.RUNNING_NEW) {
                expected.add(UpdateState.ROLLED_BACK);
            }
            if (from == UpdateState.RUNNING_NEW) {
                expected.add(UpdateState.PLANNED);
            }
            assertThat(allowed).as("from %s", from).isEqualTo(expected);
            assertThat(from.isFinal()).isEqualTo(expected.isEmpty());
        }
    }

    @Test
    void anUpdateTakesNoOtherEdge() {
        List<UpdateState> told = new ArrayList<>();
        UpdateJournal journal = new UpdateJournal() {
            @Override
            public void entered(UpdateStep step) {
                told.add(step.state());
            }

            @Override
            public void found(Finding finding) {}
        };
        Course course = new Course(journal, new Cancellation(), Duration.ofSeconds(1), Optional.empty());
        course.enter(UpdateState.PLANNED, "");
        assertThatThrownBy(() -> course.enter(UpdateState.COMMITTED, ""))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("PLANNED does not lead to COMMITTED");
        assertThat(told).containsExactly(UpdateState.PLANNED);
    }

    @Test
    void namesAreStable() {
        assertThat(Arrays.stream(UpdateState.values()).map(UpdateState::stateName))
                .containsExactly(
                        "planned",
                        "checked",
                        "staged",
                        "armed",
                        "paused",
                        "saved",
                        "taken",
                        "running-new",
                        "committed",
                        "rolled-back",
                        "aborted");
    }
}
