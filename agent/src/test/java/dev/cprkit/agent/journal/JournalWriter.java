package dev.cprkit.agent.journal;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.update.UpdateState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A process that writes into a journal, for a test to kill: says on standard output what it has written, after it has. With a
 * name that others use too, it says only what it was given.
 */
final class JournalWriter {
    private JournalWriter() {}

    /** Arguments: the journal, the VM, how many operations. */
    public static void main(String[] args) throws Exception {
        ProcessRef self = ProcessRef.self();
        try (Journal journal = Journal.open(Path.of(args[0]))) {
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                String id = self.pid() + "-" + i;
                try {
                    journal.begin(id, Entries.spec(args[1]), Entries.CALLER, self, "", "");
                } catch (OperationException e) {
                    say("refused " + e.status());
                    continue;
                }
                say("begun " + id);
                for (UpdateState state : new UpdateState[] {UpdateState.PLANNED, UpdateState.CHECKED}) {
                    journal.entered(id, Entries.step(state));
                    say("entered " + id + " " + state);
                }
                journal.evidence(id, Entries.evidence(Optional.of(self)));
                say("evidence " + id);
                journal.ended(id, Entries.outcome(ExitStatus.OK, Instant.now()));
                say("ended " + id);
            }
        }
    }

    private static void say(String what) {
        System.out.println(what);
        System.out.flush();
    }
}
