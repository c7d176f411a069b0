package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes section {@code ram}: the list of blocks, then pages, again and again as the guest writes them, until what is
 * left can be sent while it is stopped (reference/qemu-cpr.md, sections 3.8 and 3.9).
 *
 * <p>How it works: all pages of the blocks that are copied are pending at first. A page stops being pending before it is
 * read; what the guest writes to it later is in the dirty log, and {@link #sync} makes it pending again. A page may so be
 * sent half old and half new, but never for the last time.
 *
 * <p>Writes the payload of sections only; their heads and footers are the caller's. Nothing is allocated per page.
 *
 * <p>Threads: one at a time, in the order start, (some, sync)*, rest; {@link #cancel} any. If a method throws, the stream
 * is broken. {@link #close} is due at every end.
 */
public final class RamSaver implements AutoCloseable {
    /** Pages between two looks at the clock, and between two updates of the statistics. */
    private static final int BATCH = 128;

    private final RamPlan plan;
    private final DirtyLog log;
    private volatile Optional<DirtyLog.Session> session = Optional.empty();
    private final ZeroPages zeroPages;
    private final RamStatistics statistics;
    private final Optional<MappedSaver> mapped;
    private final List<PendingPages> blocks = new ArrayList<>();
    private final byte[] page = new byte[RamFormat.PAGE];
    private long pending;
    private int block;
    private int next;
    private RamBlock named;
    private long normal;
    private long zero;
    private int syncs;
    private long dirtied;
    private volatile boolean cancelled;

    /** What parameter {@code zero-page-detection} says of pages in the main channel. */
    public enum ZeroPages {
        /** Every page is sent whole. */
        SENT_WHOLE,
        /** A page of zeros is sent as such. */
        DETECTED
    }

    /**
     * A saver of what the plan says is copied.
     *
     * @param log tells what the guest writes
     * @param file behind the stream, if there is one; needed for a plan of a mapped-ram file
     */
    public RamSaver(
            RamPlan plan, DirtyLog log, ZeroPages zeroPages, RamStatistics statistics, Optional<PageFile> file) {
        this.plan = plan;
        this.log = log;
        this.zeroPages = zeroPages;
        this.statistics = statistics;
        this.mapped = plan.mapped() ? Optional.of(new MappedSaver(file)) : Optional.empty();
        for (RamPlan.Piece piece : plan.pieces()) {
            if (piece.copied()) {
                blocks.add(new PendingPages(piece));
                pending += piece.pages();
            }
        }
    }

    /** Writes START and begins to log: from here on nothing that the guest writes is lost. */
    public void writeStart(StateOutput out) throws IOException {
        if (!blocks.isEmpty()) {
            session = Optional.of(log.start(plan.copiedBlocks()));
        }
        if (cancelled) {
            close(); // whoever cancelled may have closed this before there was a session
        }
        checkCancelled();
        syncs = 1;
        statistics.synced(syncs, pending());
        out.u64(plan.listedBytes() | RamFormat.MEM_SIZE);
        for (RamPlan.Piece piece : plan.pieces()) {
            out.counted(piece.block().idstr());
            out.u64(piece.block().size());
            if (plan.withAddresses()) {
                out.u64(piece.guestAddress());
            }
            if (mapped.isPresent()) {
                mapped.get().writeHeader(piece, out);
            }
        }
        out.u64(RamFormat.EOS);
    }

    /** Bytes of RAM that are known to be out of date at the other end. */
    public long pending() {
        return pending * RamFormat.PAGE;
    }

    /** Takes what the guest has written meanwhile; returns how often that was done, as the statistics count it. */
    public int sync() {
        take();
        statistics.synced(++syncs, pending());
        return syncs;
    }

    /** Takes what the guest has written before it was stopped, which is not counted. */
    public void syncStopped() {
        take();
        statistics.synced(syncs, pending());
    }

    private void take() {
        if (session.isPresent()) {
            session.get().take(this::add);
        }
    }

    private void add(RamBlock written, long[] pages) {
        for (PendingPages each : blocks) {
            if (each.piece.block() == written) {
                int added = each.add(pages);
                pending += added;
                dirtied += added;
            }
        }
    }

    /** Pages that became pending by {@link #sync} since the last call. */
    long takeDirtied() {
        long pages = dirtied;
        dirtied = 0;
        return pages;
    }

    /**
     * Writes PART with pending pages.
     *
     * @param bytes about how many to write, at least one page
     * @param deadline until when, by {@link System#nanoTime}
     */
    public void writeSome(StateOutput out, long bytes, long deadline) throws IOException {
        writePages(out, bytes, deadline);
        out.u64(RamFormat.EOS);
    }

    /** Writes END with every page that is pending. The guest is stopped, and {@link #sync} was called since. */
    public void writeRest(StateOutput out) throws IOException {
        writePages(out, Long.MAX_VALUE, Long.MAX_VALUE);
        if (pending != 0) {
            throw new IllegalStateException(pending + " pages are left");
        }
        if (mapped.isPresent()) {
            statistics.sent(mapped.get().writeBitmaps(), 0, 0, 0);
        }
        out.u64(RamFormat.EOS);
    }

    void checkCancelled() throws IOException {
        if (cancelled) {
            throw new IOException("the migration was cancelled");
        }
    }

    /** Makes whoever writes stop within some hundred pages. Any thread. */
    public void cancel() {
        cancelled = true;
    }

    /** Stops to log. Any thread. */
    @Override
    public void close() {
        session.ifPresent(DirtyLog.Session::close);
    }

    private void writePages(StateOutput out, long bytes, long deadline) throws IOException {
        named = null;
        long budget = bytes;
        while (pending > 0 && budget > 0 && System.nanoTime() - deadline < 0) {
            checkCancelled();
            budget -= writeBatch(out, budget);
        }
        if (mapped.isPresent()) {
            mapped.get().flush();
        }
    }

    /** Writes up to {@link #BATCH} pages; returns how many bytes that took. */
    private long writeBatch(StateOutput out, long budget) throws IOException {
        long start = out.position();
        long placed = 0;
        normal = 0;
        zero = 0;
        for (int i = 0; i < BATCH && pending > 0 && out.position() - start + placed < budget; i++) {
            PendingPages in = advance();
            in.remove(next);
            pending--;
            if (mapped.isPresent()) {
                placed += place(mapped.get(), in.piece, next);
            } else {
                write(in.piece, next, out);
            }
            next++;
        }
        long bytes = out.position() - start + placed;
        statistics.sent(bytes, normal, zero, pending());
        return bytes;
    }

    /** Goes to the next pending page, round and round; there is one. */
    private PendingPages advance() {
        for (; ; ) {
            int found = blocks.get(block).next(next);
            if (found >= 0) {
                next = found;
                return blocks.get(block);
            }
            block = (block + 1) % blocks.size();
            next = 0;
        }
    }

    private boolean isZero(long host) {
        return zeroPages == ZeroPages.DETECTED && HostPages.isZero(host);
    }

    private void write(RamPlan.Piece piece, int number, StateOutput out) throws IOException {
        long offset = (long) number * RamFormat.PAGE;
        long host = piece.block().hostAddress() + offset;
        boolean isZero = isZero(host);
        long flags = isZero ? RamFormat.ZERO : RamFormat.RAW;
        if (named == piece.block()) {
            out.u64(offset | flags | RamFormat.CONTINUE);
        } else {
            out.u64(offset | flags);
            out.counted(piece.block().idstr());
            named = piece.block();
        }
        if (isZero) {
            out.u8(0);
            zero++;
        } else {
            HostMemory.read(host, page, 0, RamFormat.PAGE);
            out.bytes(page, 0, RamFormat.PAGE);
            normal++;
        }
    }

    private long place(MappedSaver to, RamPlan.Piece piece, int number) throws IOException {
        if (isZero(piece.block().hostAddress() + (long) number * RamFormat.PAGE)) {
            to.zero(piece, number);
            zero++;
            return 0;
        }
        to.write(piece, number);
        normal++;
        return RamFormat.PAGE;
    }
}
