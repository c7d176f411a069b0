package dev.cprkit.agent.update;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** How far an update is. The table below holds every edge there is. */
public enum UpdateState {
    PLANNED("planned", "the old process is known and the new command line is made"),
    CHECKED("checked", "nothing stands in the way"),
    STAGED("staged", "what the new program needs is there; in cpr-transfer, that is the new process"),
    ARMED("armed", "all is ready for the switch; the guest runs in the old process"),
    PAUSED("paused", "the guest is stopped in the old process"),
    SAVED("saved", "the old process has sent all of its state"),
    TAKEN("taken", "the new program owns the guest"),
    RUNNING_NEW("running-new", "the guest is in the new program as it was in the old one"),
    COMMITTED("committed", "the old process has ended, and the update stays"),
    ROLLED_BACK("rolled-back", "the guest is in the previous program again"),
    ABORTED("aborted", "the guest is in the old process, as it was");

    private static final Map<UpdateState, Set<UpdateState>> EDGES = edges();

    private final String stateName;
    private final String meaning;

    UpdateState(String stateName, String meaning) {
        this.stateName = stateName;
        this.meaning = meaning;
    }

    private static Map<UpdateState, Set<UpdateState>> edges() {
        Map<UpdateState, Set<UpdateState>> edges = new EnumMap<>(UpdateState.class);
        edges.put(PLANNED, EnumSet.of(CHECKED, ABORTED));
        edges.put(CHECKED, EnumSet.of(STAGED, ABORTED));
        edges.put(STAGED, EnumSet.of(ARMED, ABORTED));
        edges.put(ARMED, EnumSet.of(PAUSED, ABORTED));
        edges.put(PAUSED, EnumSet.of(SAVED, ABORTED));
        edges.put(SAVED, EnumSet.of(TAKEN, ABORTED, ROLLED_BACK));
        edges.put(TAKEN, EnumSet.of(RUNNING_NEW));
        edges.put(RUNNING_NEW, EnumSet.of(COMMITTED, PLANNED, ROLLED_BACK)); // a rollback is an update of its own
        edges.put(ROLLED_BACK, EnumSet.noneOf(UpdateState.class));
        edges.put(COMMITTED, EnumSet.noneOf(UpdateState.class));
        edges.put(ABORTED, EnumSet.noneOf(UpdateState.class));
        return edges;
    }

    /** Whether an update may go from here to {@code next}. */
    public boolean allows(UpdateState next) {
        return EDGES.get(this).contains(next);
    }

    /** Whether nothing follows. */
    public boolean isFinal() {
        return EDGES.get(this).isEmpty();
    }

    /** The stable name, in output and journal. */
    public String stateName() {
        return stateName;
    }

    /** One line. */
    public String meaning() {
        return meaning;
    }
}
