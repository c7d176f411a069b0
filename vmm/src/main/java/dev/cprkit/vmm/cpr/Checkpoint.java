package dev.cprkit.vmm.cpr;

/**
 * The places that an update passes, each stamped with CLOCK_MONOTONIC in ns. The order is part of the layout of the
 * ownership record: add at the end only.
 */
public enum Checkpoint {
    MIGRATE_RECEIVED("migrate-received", true),
    CPR_STATE_SENT("cpr-state-sent", true),
    HANG_UP_SEEN("hang-up-seen", true),
    MAIN_CONNECTED("main-connected", true),
    STOP_BEGIN("stop-begin", true),
    LAST_GUEST_INSTRUCTION("last-guest-instruction", true),
    STATE_SAVED("state-saved", true),
    STREAM_SENT("stream-sent", true),
    COMPLETED("completed", true),
    CPR_STATE_RECEIVED("cpr-state-received", false),
    MACHINE_BUILT("machine-built", false),
    LISTENING("listening", false),
    MAIN_ACCEPTED("main-accepted", false),
    MAGIC_SEEN("magic-seen", false),
    CONFIGURATION_LOADED("configuration-loaded", false),
    RAM_LIST_CHECKED("ram-list-checked", false),
    DEVICES_LOADED("devices-loaded", false),
    OWNERSHIP_TAKEN("ownership-taken", false),
    RESUME_BEGIN("resume-begin", false),
    FIRST_GUEST_INSTRUCTION("first-guest-instruction", false);

    private final String label;
    private final boolean source;

    Checkpoint(String label, boolean source) {
        this.label = label;
        this.source = source;
    }

    /** The name in {@code x-query-cpr-timeline}. */
    public String label() {
        return label;
    }

    /** Whether the old process passes it; else the new one does. */
    public boolean isSource() {
        return source;
    }
}
