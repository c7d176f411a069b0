package dev.cprkit.vmm.run;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What can be torn off when it hangs: whoever talks to a peer that may stop answering registers here, with its socket
 * while it has one, and a client that is tired of waiting calls for it ({@code yank}). The socket is shut down, so that
 * whoever reads or writes it fails at once.
 *
 * <p>Yanks come on a monitor's own thread, even while the main loop is held up. Any thread.
 */
public final class Yank {
    private final List<Instance> instances = new ArrayList<>();

    /**
     * What can be yanked.
     *
     * @param type {@code migration}, {@code chardev} or {@code block-node}
     * @param name the chardev's or node's name; empty for {@code migration}
     */
    public record Target(String type, String name) {
        /** The migration, into this process or out of it. */
        public static final Target MIGRATION = new Target("migration", "");

        /** The chardev of that id. */
        public static Target chardev(String id) {
            return new Target("chardev", id);
        }
    }

    /** A registration; closing it ends it. */
    public final class Instance implements AutoCloseable {
        private final Target target;
        private final Runnable torn;
        private OptionalInt socket = OptionalInt.empty();

        private Instance(Target target, Runnable torn) {
            this.target = target;
            this.torn = torn;
        }

        /** There is a connection, on a socket that stays the caller's; empty if it is on something else. */
        public void connected(OptionalInt descriptor) {
            synchronized (instances) {
                socket = descriptor;
            }
        }

        /** The connection ends. When this returns its socket is not shut down and will not be: it can be closed. */
        public void disconnected() {
            connected(OptionalInt.empty());
        }

        /** As {@link #disconnected}, and there is nothing to be yanked any more. */
        @Override
        public void close() {
            synchronized (instances) {
                socket = OptionalInt.empty();
                instances.remove(this);
            }
        }

        private void pull() {
            if (socket.isPresent()) {
                try {
                    Sockets.shutdownBoth(socket.getAsInt());
                } catch (ErrnoException e) {
                    socket = OptionalInt.empty(); // the peer has gone already, which is what was wanted
                }
                torn.run();
            }
        }
    }

    /** Registers a target that has no connection yet; several registrations of one target are shut down together. */
    public Instance register(Target target) {
        return register(target, () -> {});
    }

    /**
     * As above, for one that may not be reading when its connection is shut down.
     *
     * @param torn is told of it, on the thread of the one who yanks; it returns at once and waits for no lock
     */
    public Instance register(Target target, Runnable torn) {
        Instance instance = new Instance(target, torn);
        synchronized (instances) {
            int place = instances.size();
            for (int i = 0; i < instances.size(); i++) {
                if (instances.get(i).target.equals(target)) {
                    place = i + 1; // a chardev that takes another's place has it in the list as well
                }
            }
            instances.add(place, instance);
        }
        return instance;
    }

    /** Every target that is registered, once, in the order of registration. */
    public List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        synchronized (instances) {
            for (Instance instance : instances) {
                if (!targets.contains(instance.target)) {
                    targets.add(instance.target);
                }
            }
        }
        return targets;
    }

    /** Shuts all those targets down; false, and nothing is done, if one of them is not registered. */
    public boolean pull(List<Target> targets) {
        synchronized (instances) {
            if (!targets().containsAll(targets)) {
                return false;
            }
            for (Instance instance : instances) {
                if (targets.contains(instance.target)) {
                    instance.pull();
                }
            }
            return true;
        }
    }
}
