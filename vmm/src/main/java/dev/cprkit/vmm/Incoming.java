package dev.cprkit.vmm;

import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprExecState;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.config.IncomingConfig;
import dev.cprkit.vmm.memory.CprDescriptors;
import dev.cprkit.vmm.migration.Migration;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the {@code -incoming} options mean for a start: whether a guest comes in, what the old process has handed over for
 * the machine to be built on, and where to listen once it is built (reference/qemu-cpr.md, section 1.5).
 */
final class Incoming {
    private final boolean expected;
    private final Optional<CprListener> cpr;
    private final Optional<IncomingConfig.Channel> main;

    private Incoming(boolean expected, Optional<CprListener> cpr, Optional<IncomingConfig.Channel> main) {
        this.expected = expected;
        this.cpr = cpr;
        this.main = main;
    }

    /**
     * Takes what the old process hands over: on the CPR channel, waiting for it, or in this very process if the program
     * before this one left it here.
     *
     * @param complaints is told what the user must know
     * @throws CprException if that is not CPR state, or nobody comes
     */
    static Incoming receive(List<IncomingConfig> options, Map<String, String> environment, Consumer<String> complaints)
            throws CprException {
        Optional<MigrationAddress> channel = Optional.empty();
        Optional<IncomingConfig.Channel> main = Optional.empty();
        for (IncomingConfig option : options) {
            if (option instanceof IncomingConfig.Channel given) {
                switch (given.channel().type()) {
                    case CPR -> channel = Optional.of(given.channel().address());
                    case MAIN -> main = Optional.of(given);
                }
            }
        }
        if (environment.containsKey(CprExecState.VARIABLE)) {
            if (channel.isPresent()) {
                complaints.accept("warning: ignoring cpr channel for migration mode cpr-exec");
            }
            if (options.isEmpty()) {
                complaints.accept("warning: a guest has been left in this process, and there is no -incoming option:"
                        + " it waits for migrate-incoming");
            }
            return new Incoming(true, Optional.of(CprListener.inherited(environment)), main);
        }
        Optional<CprListener> cpr = channel.isPresent()
                ? Optional.of(CprListener.receive(channel.get(), CprListener.ACCEPT_LIMIT))
                : Optional.empty();
        return new Incoming(!options.isEmpty(), cpr, main);
    }

    /** Removes the socket file of a CPR channel on which nobody came before the process was told to end. */
    static void abandon(List<IncomingConfig> options) {
        for (IncomingConfig option : options) {
            if (option instanceof IncomingConfig.Channel(String ignored, MigrationChannel channel)
                    && channel.type() == MigrationChannel.Type.CPR
                    && channel.address() instanceof MigrationAddress.Socket(SocketAddress.Unix unix)) {
                CprListener.remove(unix);
            }
        }
    }

    /** Whether a guest comes in from another process. */
    boolean expected() {
        return expected;
    }

    /** The old process, if it speaks on a CPR channel. */
    Optional<CprListener> cpr() {
        return cpr;
    }

    /** The descriptors that the old process sent; none, if there is no old process. */
    CprDescriptors descriptors() {
        return cpr.isPresent() ? cpr.get().state() : new CprState();
    }

    /**
     * Listens on the main channel, or starts the guest that does not come from elsewhere.
     *
     * @throws StartException if it cannot listen
     */
    void start(Migration migration, VirtualMachine machine) throws StartException {
        if (main.isPresent()) {
            try {
                migration.startIncoming(main.get().channel().address(), true);
            } catch (QmpError e) {
                throw new StartException("-incoming " + main.get().text() + ": " + e.getMessage(), e);
            }
        } else if (!expected && machine.autostart()) {
            try {
                machine.resume();
            } catch (VirtualMachine.CannotResume e) {
                throw new StartException(e.getMessage(), e);
            }
        }
    }
}
