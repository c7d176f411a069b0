package dev.cprkit.vmm.monitor;

import java.util.ArrayList;
import java.util.List;

/**
 * What can be torn off when it hangs: whoever talks to a peer that may stop answering registers here how its connection
 * is shut down, and a client that is tired of waiting calls for it ({@code yank}).
 *
 * <p>Yanks come on a monitor's own thread, even while the main loop is held up; so an action must be safe on any thread,
 * return at once and take no lock that is held while waiting for a peer: shutdown(2) of a socket is what it is for.
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
    }

    /**
     * A registration; closing it ends it, on any thread. When that returns the action does not run and will not, so that
     * what it uses, a descriptor say, can be closed.
     */
    public final class Instance implements AutoCloseable {
        private final Target target;
        private final Runnable action;

        private Instance(Target target, Runnable action) {
            this.target = target;
            this.action = action;
        }

        @Override
        public void close() {
            synchronized (instances) {
                instances.remove(this);
            }
        }
    }

    /** Registers what shuts a target down; several registrations of one target are shut down together. */
    public Instance register(Target target, Runnable shutDown) {
        Instance instance = new Instance(target, shutDown);
        synchronized (instances) {
            instances.add(instance);
        }
        return instance;
    }

    /** Every target that is registered, once. */
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
                    instance.action.run();
                }
            }
            return true;
        }
    }
}
