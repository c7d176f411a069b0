package dev.cprkit.vmm.machine;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.state.Section;
import java.util.List;

/**
 * The machine as monitors and migration see it. All methods are called on the main loop's thread with the machine lock
 * held, unless they say otherwise.
 */
public interface VirtualMachine {
    /** The versioned machine type's name, as the configuration section carries it ({@code virt}). */
    String machineType();

    /** What the machine is doing. */
    RunState runState();

    /** Moves to another run state without touching the vCPUs; a transition that is not allowed is a bug and throws. */
    void setRunState(RunState next);

    /**
     * Stops the guest: ticks and vCPUs stop, devices settle, the run state becomes {@code next}, and if it was running
     * a STOP event is sent. When it returns no guest instruction is being executed. In {@code inmigrate} it only clears
     * autostart. A reset that the guest asked for before it stopped is carried out; if it switched itself off, the run
     * state becomes {@code shutdown} instead of {@code next}. A guest that was not live stays as it is if {@code next} is {@code paused}, else only the run state
     * changes.
     */
    void stop(RunState next);

    /**
     * Lets the guest go on: RESUME event, run state {@code running} (or {@code suspended}, if it was asleep), ticks, vCPUs. In
     * {@code inmigrate} it only sets autostart.
     *
     * @throws CannotResume with QEMU's text, if the guest may not run now (section 8.2, stop / cont)
     */
    void resume() throws CannotResume;

    /**
     * Lets the guest run in this process at the end of an incoming migration, or after an outgoing one that failed, from
     * {@code inmigrate} or {@code finish-migrate}. The caller has made sure that this process owns the guest.
     */
    void resumeAfterMigration();

    /**
     * Wakes a guest that sleeps: run state {@code running}, WAKEUP event.
     *
     * @throws CannotResume with QEMU's text, if it does not sleep or never can
     */
    default void wakeUp() throws CannotResume {
        throw new CannotResume("wake-up from suspend is not supported by this guest");
    }

    /** Whether the guest can put itself to sleep so that {@link #wakeUp} wakes it. */
    default boolean canWakeUp() {
        return false;
    }

    /** Whether a guest that is stopped now was asleep before; it goes back to sleep when it goes on. */
    default boolean wasSuspended() {
        return false;
    }

    /** Says of a guest that came from another process that it was asleep there, or that it was not. */
    default void wasSuspended(boolean asleep) {}

    /** What the guest's own doings lead to. */
    default GuestActions actions() {
        return GuestActions.defaults();
    }

    /** Says what they lead to from now on. */
    default void actions(GuestActions next) {}

    /** Whether the guest starts by itself after an incoming migration: false after -S or {@code stop}. */
    boolean autostart();

    /**
     * Resets all devices and vCPUs. {@code cause} is the RESET event's reason; {@code guest} whether the guest asked.
     *
     * @throws CannotResume if another process has the guest
     */
    void reset(String cause, boolean guest) throws CannotResume;

    /** Ends the process after this turn of the main loop, with a SHUTDOWN event of that reason. Any thread. */
    void shutdown(String cause, boolean guest, int exitStatus);

    /** What travels, devices first to last, in the order of the stream. */
    List<Section<?>> sections();

    /** Keeps vCPUs from running for so many percent of the time, 0 to 99, so that they write less memory. Any thread. */
    default void throttle(int percent) {}

    /** Every migratable RAM block, in order of creation. */
    List<RamBlock> ramBlocks();

    /** All memory that this process has made, a backend that the guest does not use as well: the next one looks for it. */
    default List<RamBlock> allMemory() {
        return ramBlocks();
    }

    /** Where in the guest's physical address space a block lies; sent with capability {@code x-ignore-shared}. */
    default long guestAddress(RamBlock block) {
        return 0;
    }

    /**
     * Which pages of {@link #ramBlocks} the guest and its devices write, for the one migration that wants to know. A
     * machine whose RAM nobody writes has one that never tells of any.
     */
    default DirtyLog dirtyLog() {
        return new DirtyLog();
    }

    /** Guest time. */
    Clock clock();

    EventLoop loop();

    EventSink events();

    /** When the vCPUs last stopped executing, CLOCK_MONOTONIC in ns; 0 if they never did. */
    long lastGuestInstruction();

    /** When the vCPUs last began to execute, CLOCK_MONOTONIC in ns; 0 if they never did. */
    long firstGuestInstruction();

    /** The guest may not run now; the text is for the user. */
    final class CannotResume extends Exception {
        private static final long serialVersionUID = 1L;

        public CannotResume(String message) {
            super(message);
        }
    }
}
