package dev.cprkit.cprctl;

import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateResult;
import java.io.PrintWriter;

/** Prints an update as it happens, and how it ended. */
interface UpdateOutput extends UpdateJournal {
    /** An update has ended. */
    void ended(UpdateResult result);

    /** A check has ended. */
    void checked(UpdateResult result);

    /** For people, or for programs. */
    static UpdateOutput of(boolean json, PrintWriter out, PrintWriter err) {
        return json ? new JsonOutput(out) : new TextOutput(out, err);
    }
}
