package dev.cprkit.proto.qapi;

import java.util.Optional;

/** QAPI {@code RunState}: what a virtual machine is doing (reference/qemu-cpr.md, section 2.1). */
public enum RunState {
    DEBUG("debug"),
    INMIGRATE("inmigrate"),
    INTERNAL_ERROR("internal-error"),
    IO_ERROR("io-error"),
    PAUSED("paused"),
    POSTMIGRATE("postmigrate"),
    PRELAUNCH("prelaunch"),
    FINISH_MIGRATE("finish-migrate"),
    RESTORE_VM("restore-vm"),
    RUNNING("running"),
    SAVE_VM("save-vm"),
    SHUTDOWN("shutdown"),
    SUSPENDED("suspended"),
    WATCHDOG("watchdog"),
    GUEST_PANICKED("guest-panicked"),
    COLO("colo");

    private final String qapiName;

    RunState(String qapiName) {
        this.qapiName = qapiName;
    }

    /** The name on the wire, in QMP and in the {@code globalstate} section. */
    public String qapiName() {
        return qapiName;
    }

    /** The state of that name, if there is one. */
    public static Optional<RunState> of(String qapiName) {
        for (RunState state : values()) {
            if (state.qapiName.equals(qapiName)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    /** Running or suspended: a guest that goes on by itself after a migration. */
    public boolean isLive() {
        return this == RUNNING || this == SUSPENDED;
    }
}
