package dev.cprkit.agent.update;

import dev.cprkit.agent.check.Finding;

/**
 * Is told what an update does, as it does it, on the update's thread. What it keeps is on disk when a method returns. It
 * throws nothing: an update that is under way must come to its end, whatever happens to the journal.
 */
public interface UpdateJournal {
    /** The update has reached a state, and has not yet begun with what follows. */
    void entered(UpdateStep step);

    /** A check found something; whether that ends the update, the finding says. */
    void found(Finding finding);

    /** What has been touched so far, and what is about to be. */
    default void evidence(Evidence evidence) {}
}
