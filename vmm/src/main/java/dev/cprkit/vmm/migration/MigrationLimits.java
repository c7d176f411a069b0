package dev.cprkit.vmm.migration;

/**
 * How long each step may take, in ns. QEMU waits for ever in all of them (reference/qemu-cpr.md, section 10.2); here
 * every wait ends, on the old side with the guest running there.
 *
 * @param cprSend to connect the CPR channel and send the descriptors, which is done on the main loop
 * @param hangUp for the new process to build its machine and listen, or for someone to tell it to
 * @param check for the next program of an exec to say whether it can take the guest over
 * @param connect to connect the main channel
 * @param send to send the stream, the guest stopped
 * @param verdict for the new process to load the stream and take the guest, the guest stopped
 * @param mainConnection in the new process: for the old one to connect after it was told to
 * @param stall in the new process: without a byte in the middle of the stream
 * @param description in the new process: for the rest of the stream, the guest running
 */
public record MigrationLimits(
        long cprSend,
        long hangUp,
        long check,
        long connect,
        long send,
        long verdict,
        long mainConnection,
        long stall,
        long description) {
    private static final long SECOND = 1_000_000_000L;

    /** What is used outside of tests. */
    public static final MigrationLimits DEFAULT = new MigrationLimits(
            5 * SECOND,
            300 * SECOND,
            60 * SECOND,
            30 * SECOND,
            30 * SECOND,
            60 * SECOND,
            300 * SECOND,
            30 * SECOND,
            10 * SECOND);
}
