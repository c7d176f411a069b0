package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * What happens when the guest does something that concerns its whole machine: {@code -action}, QMP {@code set-action}.
 *
 * @param reboot when it restarts
 * @param shutdown when it switches itself off
 * @param panic when it reports a panic; no device of this machine can, so it is only remembered
 * @param watchdog when its watchdog is not fed
 */
public record GuestActions(Reboot reboot, Shutdown shutdown, Panic panic, Watchdog watchdog) {
    /** A choice, by the name that options and QMP give it. */
    public sealed interface Choice {
        /** Its name. */
        String qapiName();
    }

    public enum Reboot implements Choice {
        RESET("reset"),
        SHUTDOWN("shutdown");

        private final String qapiName;

        Reboot(String qapiName) {
            this.qapiName = qapiName;
        }

        @Override
        public String qapiName() {
            return qapiName;
        }
    }

    public enum Shutdown implements Choice {
        POWEROFF("poweroff"),
        /** The process stays, and the guest is stopped in run state {@code shutdown}. */
        PAUSE("pause");

        private final String qapiName;

        Shutdown(String qapiName) {
            this.qapiName = qapiName;
        }

        @Override
        public String qapiName() {
            return qapiName;
        }
    }

    public enum Panic implements Choice {
        PAUSE("pause"),
        SHUTDOWN("shutdown"),
        EXIT_FAILURE("exit-failure"),
        NONE("none");

        private final String qapiName;

        Panic(String qapiName) {
            this.qapiName = qapiName;
        }

        @Override
        public String qapiName() {
            return qapiName;
        }
    }

    public enum Watchdog implements Choice {
        RESET("reset"),
        /** Asks the guest to switch itself off. */
        SHUTDOWN("shutdown"),
        /** Ends the process. */
        POWEROFF("poweroff"),
        PAUSE("pause"),
        /** Tells the user. */
        DEBUG("debug"),
        /** Only the event is sent. */
        NONE("none"),
        /** This machine has no such interrupt. */
        INJECT_NMI("inject-nmi");

        /** Why {@link #INJECT_NMI} cannot be chosen. */
        public static final String NO_NMI = "machine does not provide NMIs";

        private final String qapiName;

        Watchdog(String qapiName) {
            this.qapiName = qapiName;
        }

        @Override
        public String qapiName() {
            return qapiName;
        }
    }

    /** QEMU's. */
    public static GuestActions defaults() {
        return new GuestActions(Reboot.RESET, Shutdown.POWEROFF, Panic.SHUTDOWN, Watchdog.RESET);
    }

    /** The choice of that name. */
    public static <E extends Enum<E> & Choice> Optional<E> of(E[] choices, String qapiName) {
        for (E choice : choices) {
            if (choice.qapiName().equals(qapiName)) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }

    public GuestActions with(Reboot next) {
        return new GuestActions(next, shutdown, panic, watchdog);
    }

    public GuestActions with(Shutdown next) {
        return new GuestActions(reboot, next, panic, watchdog);
    }

    public GuestActions with(Panic next) {
        return new GuestActions(reboot, shutdown, next, watchdog);
    }

    public GuestActions with(Watchdog next) {
        return new GuestActions(reboot, shutdown, panic, next);
    }
}
