package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a guest gets from the program that has it to the next: one for each mode. It goes through the states from
 * {@link UpdateState#STAGED} to {@link UpdateState#SAVED}; what comes before and after is the same for all and not its
 * business. Owns the new process until the update is through. The update's thread uses it.
 */
sealed interface Way extends AutoCloseable permits NewProcessWay, ExecWay {
    /** What is to be done. */
    UpdatePlan plan();

    /** Whether the guest's memory that is in files stays there, and both sides must know. */
    default boolean ignoresShared() {
        return false;
    }

    /** What is against this way besides what holds for every way. Changes nothing. */
    default List<Finding> look() throws QmpException {
        return List.of();
    }

    /** Where the guest's state goes through a file: makes the folder that it will be in. */
    default void stageStateFile(Course course) throws UpdateFailure {
        course.stopIfAsked();
        try {
            PrivateFolder.make(plan().privateFolder());
        } catch (IOException e) {
            throw new UpdateFailure(
                    ExitStatus.ABORTED, "the folder for the guest's state cannot be made: " + e.getMessage());
        }
        course.enter(UpdateState.STAGED, "there is a folder for the guest's state");
    }

    /** Brings the guest to the new program. */
    void move() throws QmpException, UpdateFailure;

    /** {@link #move} has failed: finds out who has the guest, and makes the best of it. */
    Whereabouts recover(UpdateFailure why);

    /** The new program's monitor, once it has the guest. */
    VmMonitor monitor();

    /** Whether the process of the new program is gone; one that has hung up is given a moment to go. */
    boolean hasEnded();

    /** The process of the new program. */
    long pid();

    /** The new program's version, as its monitor tells it. */
    String version();

    /** What the new program prints goes here. */
    Path log();

    /** How long the guest stood still; empty if it was not running. Once the new program has the guest. */
    Optional<Pause> pause();

    /** Removes what was needed only on the way. */
    void tidy();

    /** Ends the old process; whether it is gone. */
    boolean endOld();

    /** Makes the paths that clients know lead to the new process. */
    List<Path> link();

    /** What a new process that is gone printed last; often empty. */
    String output();

    @Override
    void close();
}
