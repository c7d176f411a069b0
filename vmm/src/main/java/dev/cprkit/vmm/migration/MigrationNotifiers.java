package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Who wants to know of outgoing migrations, for each mode (reference/qemu-cpr.md, section 6.2): before the guest stops,
 * with the right to say no, and when it is over. Main loop's thread.
 *
 * <p>Whoever was told that a migration begins is told how it ended, and nobody else is. QEMU forgets those who had agreed
 * when a later one says no; here they are told that it failed.
 */
public final class MigrationNotifiers {
    /** Is told of migrations in the modes it was added for. */
    public interface Notifier {
        /**
         * The main channel is connected and the guest is about to stop.
         *
         * @throws Veto if the migration must not go on; this notifier is not told of its end
         */
        default void setup() throws Veto {}

        /** The guest has left, and everything of the migration is closed. */
        default void done() {}

        /** The guest stays. Called before it runs again; after {@link #done} if what was to follow (exec) failed. */
        default void failed() {}
    }

    /** A migration must not go on; the message is one sentence for the user and becomes {@code error-desc}. */
    public static final class Veto extends Exception {
        private static final long serialVersionUID = 1L;

        public Veto(String message) {
            super(message, null, false, false);
        }
    }

    /** A notifier that can be taken back. */
    public interface Registration {
        /** Takes it back: it is told nothing more, not even the end of a migration that has begun. */
        void remove();
    }

    private record Entry(Set<MigMode> modes, Notifier notifier) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Deque<Entry> told = new ArrayDeque<>();

    /** Adds one for some modes. Those added first are told first of a beginning, and last of a failure. */
    public Registration add(Set<MigMode> modes, Notifier notifier) {
        Entry entry = new Entry(EnumSet.copyOf(modes), notifier);
        entries.add(entry);
        return () -> {
            entries.remove(entry);
            told.remove(entry);
        };
    }

    /**
     * A migration in that mode is about to stop the guest.
     *
     * @throws MigrationFailure with the reason of the first who says no; those who had agreed are told that it failed
     */
    void setup(MigMode mode) throws MigrationFailure {
        told.clear();
        for (Entry entry : List.copyOf(entries)) {
            if (entry.modes().contains(mode)) {
                try {
                    entry.notifier().setup();
                } catch (Veto e) {
                    failed();
                    throw new MigrationFailure(e.getMessage());
                }
                told.push(entry);
            }
        }
    }

    /** It is over, and the guest has left. */
    void done() {
        for (Entry entry : List.copyOf(told.reversed())) {
            entry.notifier().done();
        }
    }

    /** It is over, and the guest stays; harmless when nobody was told of its beginning. */
    void failed() {
        List<Entry> all = List.copyOf(told);
        told.clear();
        for (Entry entry : all) {
            entry.notifier().failed();
        }
    }
}
