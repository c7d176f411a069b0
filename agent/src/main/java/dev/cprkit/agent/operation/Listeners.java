package dev.cprkit.agent.operation;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Those who are told what operations do. One that fails harms neither an operation nor the others. */
final class Listeners {
    private static final Logger LOG = System.getLogger(Listeners.class.getName());

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** A listener, each time it is added. */
    private record Entry(OperationListener listener, Object identity) {}

    OperationService.Subscription add(OperationListener listener) {
        Entry entry = new Entry(listener, new Object());
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    void tell(Consumer<OperationListener> what) {
        for (Entry entry : entries) {
            try {
                what.accept(entry.listener());
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a listener failed", e);
            }
        }
    }
}
