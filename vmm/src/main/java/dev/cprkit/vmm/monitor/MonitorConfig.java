package dev.cprkit.vmm.monitor;

/**
 * A monitor, as {@code -mon}, {@code -qmp}, {@code -monitor} and {@code -object monitor-qmp} ask for it.
 *
 * @param id the monitor's id; empty if it has none
 * @param mode which protocol it speaks
 * @param chardev the id of the chardev it is attached to
 * @param pretty for {@link Mode#CONTROL}: whether replies are indented
 */
public record MonitorConfig(String id, Mode mode, String chardev, boolean pretty) {
    /** A monitor's protocol. */
    public enum Mode {
        /** QMP, for programs ({@code mode=control}). */
        CONTROL,
        /** The human monitor ({@code mode=readline}). */
        READLINE
    }
}
