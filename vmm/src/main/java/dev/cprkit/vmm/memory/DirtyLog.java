package dev.cprkit.vmm.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which pages of guest RAM were written since the last look: what a migration has to send again.
 *
 * <p>How it works: a bit per page of 4 KiB. Off, it costs a vCPU nothing but a look at {@link #isOn} where it fills its
 * TLB. On, a vCPU marks a page before it may cache the right to store to it, and every look makes all vCPUs forget those
 * rights ({@link Stores}), so that a page that is stored to again passes the slow path again. What devices and loaders
 * write is marked by {@link GuestMemory#write}.
 *
 * <p>Threads: a {@link Session} is for the one thread that goes on with a migration, but may be closed by another; none
 * may hold a vCPU up. What they do to bits and TLBs happens at {@link Rest}. {@link #mark} is for whoever writes: a vCPU's
 * thread before it stores, or a holder of the machine lock after it has written.
 */
public final class DirtyLog {
    /** Bytes of a page, and its power of two. */
    public static final int PAGE = 4096;

    private static final int PAGE_SHIFT = 12;
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    /** A moment in which no guest instruction is executed and no device writes guest memory. */
    @FunctionalInterface
    public interface Rest {
        /** Brings that moment about, runs the task in it, and returns when the guest may go on. */
        void during(Runnable task);
    }

    /** A vCPU's cached rights to store. */
    @FunctionalInterface
    public interface Stores {
        /** Forgets them. Called at rest. */
        void forget();
    }

    /** What is told of written pages. */
    @FunctionalInterface
    public interface Reader {
        /** The pages of a block written since the last look: bit N%64 of word N/64 is page N. The array is the log's. */
        void written(RamBlock block, long[] pages);
    }

    /** One block: the bits that are being set, and those that were taken last. */
    private static final class Bits {
        final RamBlock block;
        long[] now;
        long[] taken;

        Bits(RamBlock block) {
            this.block = block;
            int words = words(block);
            now = new long[words];
            taken = new long[words];
        }
    }

    private static final Bits[] NONE = {};

    private final List<Stores> stores = new ArrayList<>();
    private volatile Rest rest = Runnable::run;
    // Written at rest only, so that a vCPU's thread sees it without a fence.
    private Bits[] bits = NONE;

    /** How many words the bits of a block's pages take. */
    public static int words(RamBlock block) {
        return Math.toIntExact((block.size() + 64L * PAGE - 1) / (64L * PAGE));
    }

    /** Sets how the guest is brought to rest; until then it is taken to be at rest always. */
    public void restsBy(Rest how) {
        rest = how;
    }

    /** Adds a vCPU. Called while the machine is built. */
    public void onTake(Stores cached) {
        stores.add(cached);
    }

    /** Whether writes are to be marked. For those who may {@link #mark}. */
    public boolean isOn() {
        return bits != NONE;
    }

    /** Marks from now on, in these blocks, of which there is one at least; an earlier session learns nothing more. */
    public Session start(List<RamBlock> blocks) {
        return new Session(blocks);
    }

    /** One look after the other at what is written, until it is closed. */
    public final class Session implements AutoCloseable {
        private final Bits[] own;

        private Session(List<RamBlock> blocks) {
            own = new Bits[blocks.size()];
            for (int i = 0; i < own.length; i++) {
                own[i] = new Bits(blocks.get(i));
            }
            rest.during(() -> {
                bits = own;
                forgetStores();
            });
        }

        /** Tells which pages were written since the last call, or since the start, and begins anew. */
        public void take(Reader reader) {
            for (Bits each : own) {
                Arrays.fill(each.taken, 0);
            }
            rest.during(this::swap);
            for (Bits each : own) {
                reader.written(each.block, each.taken);
            }
        }

        private void swap() {
            for (Bits each : own) {
                long[] full = each.now;
                each.now = each.taken;
                each.taken = full;
            }
            if (bits == own) {
                forgetStores();
            }
        }

        /** Marks no longer. Harmless when repeated, and when another session has begun. */
        @Override
        public void close() {
            rest.during(() -> {
                if (bits == own) {
                    bits = NONE;
                }
            });
        }
    }

    private void forgetStores() {
        for (Stores cached : stores) {
            cached.forget();
        }
    }

    /** Notes that bytes of a block are or were written. Blocks that are not logged are ignored. */
    public void mark(RamBlock block, long offset, long length) {
        for (Bits each : bits) {
            if (each.block == block) {
                long last = offset + length - 1 >>> PAGE_SHIFT;
                for (long page = offset >>> PAGE_SHIFT; page <= last; page++) {
                    int word = (int) (page >>> 6);
                    long bit = 1L << page;
                    if ((each.now[word] & bit) == 0) {
                        long ignored = (long) WORDS.getAndBitwiseOr(each.now, word, bit);
                    }
                }
                return;
            }
        }
    }
}
