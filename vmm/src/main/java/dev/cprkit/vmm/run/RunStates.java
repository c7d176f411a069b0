package dev.cprkit.vmm.run;

import static dev.cprkit.proto.qapi.RunState.COLO;
import static dev.cprkit.proto.qapi.RunState.DEBUG;
import static dev.cprkit.proto.qapi.RunState.FINISH_MIGRATE;
import static dev.cprkit.proto.qapi.RunState.GUEST_PANICKED;
import static dev.cprkit.proto.qapi.RunState.INMIGRATE;
import static dev.cprkit.proto.qapi.RunState.INTERNAL_ERROR;
import static dev.cprkit.proto.qapi.RunState.IO_ERROR;
import static dev.cprkit.proto.qapi.RunState.PAUSED;
import static dev.cprkit.proto.qapi.RunState.POSTMIGRATE;
import static dev.cprkit.proto.qapi.RunState.PRELAUNCH;
import static dev.cprkit.proto.qapi.RunState.RESTORE_VM;
import static dev.cprkit.proto.qapi.RunState.RUNNING;
import static dev.cprkit.proto.qapi.RunState.SAVE_VM;
import static dev.cprkit.proto.qapi.RunState.SHUTDOWN;
import static dev.cprkit.proto.qapi.RunState.SUSPENDED;
import static dev.cprkit.proto.qapi.RunState.WATCHDOG;

import dev.cprkit.proto.qapi.RunState;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The machine's run state and the edges it may take (reference/qemu-cpr.md, section 2.1). Written with the machine lock
 * held; read by any thread.
 */
public final class RunStates {
    private static final Map<RunState, Set<RunState>> EDGES = edges();

    private volatile RunState current = PRELAUNCH;

    /** What the machine is doing. */
    public RunState current() {
        return current;
    }

    /** Whether the edge is in the table. A state's edge to itself is. */
    public static boolean allowed(RunState from, RunState to) {
        return from == to || EDGES.get(from).contains(to);
    }

    /**
     * Takes an edge.
     *
     * @throws IllegalStateException if it is not in the table: whoever asked has a bug
     */
    public void set(RunState next) {
        if (!allowed(current, next)) {
            throw new IllegalStateException(
                    "invalid runstate transition: '" + current.qapiName() + "' -> '" + next.qapiName() + "'");
        }
        current = next;
    }

    private static Map<RunState, Set<RunState>> edges() {
        Map<RunState, Set<RunState>> table = new EnumMap<>(RunState.class);
        table.put(PRELAUNCH, EnumSet.of(RUNNING, FINISH_MIGRATE, INMIGRATE, SUSPENDED));
        table.put(
                INMIGRATE,
                EnumSet.of(
                        INTERNAL_ERROR,
                        IO_ERROR,
                        PAUSED,
                        RUNNING,
                        SHUTDOWN,
                        SUSPENDED,
                        WATCHDOG,
                        GUEST_PANICKED,
                        FINISH_MIGRATE,
                        PRELAUNCH,
                        POSTMIGRATE,
                        COLO));
        table.put(
                RUNNING,
                EnumSet.of(
                        DEBUG,
                        INTERNAL_ERROR,
                        IO_ERROR,
                        PAUSED,
                        FINISH_MIGRATE,
                        RESTORE_VM,
                        SAVE_VM,
                        SHUTDOWN,
                        WATCHDOG,
                        GUEST_PANICKED,
                        COLO,
                        SUSPENDED));
        table.put(
                SUSPENDED, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH, COLO, PAUSED, SAVE_VM, RESTORE_VM, SHUTDOWN));
        table.put(PAUSED, EnumSet.of(RUNNING, FINISH_MIGRATE, POSTMIGRATE, PRELAUNCH, COLO, SUSPENDED));
        table.put(
                FINISH_MIGRATE,
                EnumSet.of(
                        RUNNING,
                        PAUSED,
                        POSTMIGRATE,
                        PRELAUNCH,
                        COLO,
                        INTERNAL_ERROR,
                        IO_ERROR,
                        SHUTDOWN,
                        SUSPENDED,
                        WATCHDOG,
                        GUEST_PANICKED));
        table.put(POSTMIGRATE, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH));
        table.put(SAVE_VM, EnumSet.of(RUNNING, SUSPENDED));
        table.put(RESTORE_VM, EnumSet.of(RUNNING, PRELAUNCH, SUSPENDED));
        table.put(SHUTDOWN, EnumSet.of(PAUSED, FINISH_MIGRATE, PRELAUNCH, COLO));
        table.put(IO_ERROR, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH));
        table.put(WATCHDOG, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH, COLO));
        table.put(INTERNAL_ERROR, EnumSet.of(PAUSED, FINISH_MIGRATE, PRELAUNCH));
        table.put(GUEST_PANICKED, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH));
        table.put(DEBUG, EnumSet.of(RUNNING, FINISH_MIGRATE, PRELAUNCH, SUSPENDED));
        table.put(COLO, EnumSet.of(RUNNING, PRELAUNCH, SHUTDOWN));
        return table;
    }
}
