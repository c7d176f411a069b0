package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.os.SharedPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The record of which of two processes owns the guest, in a page that both map.
 *
 * <p>Why: in a cpr-transfer both processes have the guest's RAM mapped, and nothing in QEMU's protocol keeps both from
 * running it: the old process may finish before the new one has loaded, or be told to {@code cont} when the new one
 * already runs. Here one word decides, and it only ever changes by compare-and-set:
 *
 * <pre>
 *   OWNED(g) --release--> RELEASED(g) --take--> OWNED(g+1)
 *       ^                     |
 *       +------reclaim--------+
 * </pre>
 *
 * <p>The old process (generation g) releases after it has saved the device state and before the last byte of it is sent.
 * The new one takes right before it lets the guest run, and gives up if it cannot. The old one must reclaim before it
 * does anything to the guest again, and must leave the guest alone if it cannot. Of {@code take} and {@code reclaim}
 * exactly one succeeds, whenever they come, even if the other process is stopped or slow.
 *
 * <p>Each attempt to migrate has a page of its own, so that a new process left over from an earlier attempt can never
 * take the guest of a later one. The page also carries both sides' stamps ({@link PauseTimeline})
 * and, if the new process refuses the guest before it has stopped, its reason. A peer that does not
 * know the record (QEMU) takes its descriptor along as one more name and never joins; then the old process goes by
 * QEMU's rules.
 *
 * <p>Threads: any for the word; {@link #close} when nobody uses it.
 */
public final class Ownership implements AutoCloseable {
    /** The name of the page's descriptor in CPR state, with number 0. */
    public static final String NAME = "cprkit.owner";

    private static final long MAGIC = 0x314e574f4b525043L; // "CPRKOWN1" in the order of bytes
    private static final int AT_MAGIC = 0;
    private static final int AT_WORD = 8;
    private static final int AT_JOINED = 16;
    private static final int AT_STAMPS = 64;
    private static final int AT_REFUSAL_LENGTH = 1024;
    private static final int AT_REFUSAL = 1032;
    private static final int MOST_REFUSAL = 2048;
    private static final long RELEASED = 1;

    private final SharedPage page;
    private final long word;
    private final long generation;

    private Ownership(SharedPage page, long generation) {
        this.page = page;
        this.word = page.address() + AT_WORD;
        this.generation = generation;
    }

    /** A record for one attempt, owned by this process, which is of that generation. */
    public static Ownership begin(long generation) throws ErrnoException {
        SharedPage page = SharedPage.create(NAME);
        HostMemory.putLongVolatile(page.address() + AT_WORD, owned(generation));
        HostMemory.putLongVolatile(page.address() + AT_MAGIC, MAGIC);
        return new Ownership(page, generation);
    }

    /** Joins the record that the old process sent, and takes over its descriptor. */
    public static Ownership join(int fd) throws CprException {
        SharedPage page;
        try {
            page = SharedPage.map(fd);
        } catch (IOException e) {
            throw new CprException("the ownership record cannot be used: " + e.getMessage());
        }
        long current = HostMemory.getLongVolatile(page.address() + AT_WORD);
        if (HostMemory.getLongVolatile(page.address() + AT_MAGIC) != MAGIC || current <= 0) {
            page.close();
            throw new CprException("the ownership record is of a kind that this version does not know");
        }
        HostMemory.putLongVolatile(page.address() + AT_JOINED, 1);
        return new Ownership(page, (current >> 1) + 1);
    }

    /** The generation of this process: the first process that runs a guest is 1, the next 2. */
    public long generation() {
        return generation;
    }

    /** The descriptor to send; it stays this record's. */
    public int fd() {
        return page.fd();
    }

    /** Whether a new process has joined the record, and so keeps the rule. */
    public boolean joined() {
        return HostMemory.getLongVolatile(page.address() + AT_JOINED) != 0;
    }

    /** The old process gives the guest away; false if it was not its to give. */
    public boolean release() {
        return HostMemory.compareAndSetLong(word, owned(generation), owned(generation) | RELEASED);
    }

    /** The old process takes the guest back; false if the new process has it. True if it never gave it away. */
    public boolean reclaim() {
        return HostMemory.compareAndSetLong(word, owned(generation) | RELEASED, owned(generation)) || isOwner();
    }

    /** The new process takes the guest; false if the old one has not released it, or has taken it back. */
    public boolean take() {
        return HostMemory.compareAndSetLong(word, owned(generation - 1) | RELEASED, owned(generation));
    }

    /** Whether this process owns the guest. */
    public boolean isOwner() {
        return HostMemory.getLongVolatile(word) == owned(generation);
    }

    /** Whether the process after this one owns the guest. */
    public boolean isTaken() {
        return HostMemory.getLongVolatile(word) == owned(generation + 1);
    }

    /** The new process says why it will not take the guest, before it ends; what does not fit is left out. */
    public void refuse(String reason) {
        byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MOST_REFUSAL);
        HostMemory.write(page.address() + AT_REFUSAL, bytes, 0, length);
        HostMemory.putLongVolatile(page.address() + AT_REFUSAL_LENGTH, length);
    }

    /** Why the new process will not take the guest; empty if it has not said so. */
    public String refusal() {
        long length = HostMemory.getLongVolatile(page.address() + AT_REFUSAL_LENGTH);
        byte[] bytes = new byte[Math.clamp(length, 0, MOST_REFUSAL)];
        HostMemory.read(page.address() + AT_REFUSAL, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a stamp, CLOCK_MONOTONIC in ns, where the other process sees it. */
    void stamp(Checkpoint checkpoint, long nanos) {
        HostMemory.putLongVolatile(page.address() + AT_STAMPS + 8L * checkpoint.ordinal(), nanos);
    }

    /** A stamp of either process; 0 if it has not passed there. */
    long stamp(Checkpoint checkpoint) {
        return HostMemory.getLongVolatile(page.address() + AT_STAMPS + 8L * checkpoint.ordinal());
    }

    @Override
    public void close() {
        page.close();
    }

    private static long owned(long generation) {
        return generation << 1;
    }
}
