package dev.cprkit.vmm.device.virtio;

import dev.cprkit.vmm.device.virtio.DescriptorChain.Buffer;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.state.VmState;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A split virtqueue (virtio 1.2, section 2.7), the device's side: takes chains of descriptors from the available ring,
 * gives them back through the used ring, and tells the driver when the driver wants to be told.
 *
 * <p>The rings are guest memory and the driver writes them whenever it likes, so every number in them is checked where
 * it is used. Called with the machine lock held.
 */
public final class Virtqueue {
    private static final int DESCRIPTOR = 16;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    /** Descriptors in an indirect table, at most: what QEMU allows. */
    private static final int MAX_INDIRECT = 1024;

    private static final int NO_INTERRUPT = 1;

    /** What QEMU's stream has for each queue of every transport. */
    static final VmState<Virtqueue> RING = VmState.<Virtqueue>of("virtqueue", 1)
            .u32("vring.num", q -> q.size, (q, v) -> q.size = (int) v)
            .u32("vring.align", q -> q.align, (q, v) -> q.align = (int) v)
            .u64("vring.desc", q -> q.descriptors, (q, v) -> q.descriptors = v)
            .u16("last_avail_idx", q -> q.lastAvailable, (q, v) -> q.lastAvailable = (int) v)
            .build();

    /** The addresses that a driver of virtio 1 chooses one by one. */
    static final VmState<Virtqueue> ADDRESSES = VmState.<Virtqueue>of("virtqueue_state", 1)
            .u64("vring.avail", q -> q.available, (q, v) -> q.available = v)
            .u64("vring.used", q -> q.used, (q, v) -> q.used = v)
            .build();

    /** The registers of the memory-mapped transport, version 2. */
    static final VmState<Virtqueue> REGISTERS = VmState.<Virtqueue>of("virtio_mmio/queue_state", 1)
            .u16("num", q -> q.size, (q, v) -> q.size = (int) v)
            .bool("enabled", q -> q.ready, (q, v) -> q.ready = v)
            .u32("desc[0]", q -> low(q.descriptors), (q, v) -> q.descriptors = withLow(q.descriptors, v))
            .u32("desc[1]", q -> q.descriptors >>> 32, (q, v) -> q.descriptors = withHigh(q.descriptors, v))
            .u32("avail[0]", q -> low(q.available), (q, v) -> q.available = withLow(q.available, v))
            .u32("avail[1]", q -> q.available >>> 32, (q, v) -> q.available = withHigh(q.available, v))
            .u32("used[0]", q -> low(q.used), (q, v) -> q.used = withLow(q.used, v))
            .u32("used[1]", q -> q.used >>> 32, (q, v) -> q.used = withHigh(q.used, v))
            .build();

    final int number;
    final int maximum;
    int size;
    int align;
    boolean ready;
    long descriptors;
    long available;
    long used;
    /** The features that the driver has accepted and that change the rings. */
    boolean eventIndex;

    boolean notifyOnEmpty;

    private final QueueMemory memory;
    private final Runnable interrupt;
    private int lastAvailable;
    private int nextUsed;
    /** The used index at the last look at what the driver wants, if {@link #told}. */
    private int toldUsed;

    private boolean told;
    /** Chains were given back since then. */
    private boolean completed;

    Virtqueue(int number, int maximum, GuestMemory memory, Runnable interrupt) {
        this.number = number;
        this.maximum = maximum;
        this.memory = new QueueMemory(memory);
        this.interrupt = interrupt;
        reset();
    }

    /** Its number among the device's queues. */
    public int number() {
        return number;
    }

    void reset() {
        size = maximum;
        align = 4096;
        ready = false;
        descriptors = 0;
        available = 0;
        used = 0;
        eventIndex = false;
        notifyOnEmpty = false;
        lastAvailable = 0;
        nextUsed = 0;
        told = false;
        completed = false;
    }

    /** Legacy layout: the three parts follow the address of the first (virtio 1.2, section 2.7.2). */
    void placeLegacy(long address) {
        descriptors = address;
        available = address + (long) DESCRIPTOR * size;
        used = (available + 2L * (3 + size) + align - 1) / align * align;
        ready = address != 0;
    }

    /** Finds where the used ring stands after the fields were loaded: that index is in guest memory alone. */
    void resume() {
        told = false;
        completed = false;
        try {
            nextUsed = ready ? memory.u16(used + 2) : lastAvailable;
        } catch (VirtqueueException e) {
            nextUsed = lastAvailable; // the ring is where no memory is: the first use of the queue will say so
        }
    }

    /** The next chain that the driver has made available, if there is one. */
    public Optional<DescriptorChain> next() throws VirtqueueException {
        if (!ready) {
            return Optional.empty();
        }
        int waiting = waiting();
        if (waiting == 0 && eventIndex) {
            // Ask to be told of the next one, then look again: it may have come before the driver saw the request.
            memory.putU16(used + 4 + 8L * size, lastAvailable);
            VarHandle.fullFence();
            waiting = waiting();
        }
        if (waiting == 0) {
            return Optional.empty();
        }
        if (waiting > size) {
            throw new VirtqueueException(
                    "queue " + number + " has " + waiting + " chains available but only " + size + " entries");
        }
        VarHandle.loadLoadFence(); // the ring's entry was written before its index
        int head = memory.u16(available + 4 + 2L * (lastAvailable % size));
        if (head >= size) {
            throw new VirtqueueException("queue " + number + " names descriptor " + head + " of " + size);
        }
        lastAvailable = (lastAvailable + 1) & 0xffff;
        return Optional.of(chain(head));
    }

    private int waiting() throws VirtqueueException {
        return (memory.u16(available + 2) - lastAvailable) & 0xffff;
    }

    private DescriptorChain chain(int head) throws VirtqueueException {
        List<Buffer> readable = new ArrayList<>(2);
        List<Buffer> writable = new ArrayList<>(2);
        long table = descriptors;
        int entries = size;
        boolean indirect = false;
        int left = size;
        int index = head;
        for (; ; ) {
            if (index >= entries) {
                throw new VirtqueueException("queue " + number + " names descriptor " + index + " of " + entries);
            }
            if (left-- == 0) {
                throw new VirtqueueException("queue " + number + " has a chain that does not end");
            }
            long at = table + (long) DESCRIPTOR * index;
            long address = memory.u64(at);
            long length = Integer.toUnsignedLong(memory.u32(at + 8));
            int flags = memory.u16(at + 12);
            if ((flags & INDIRECT) != 0) {
                if (indirect || (flags & NEXT) != 0 || length % DESCRIPTOR != 0 || length == 0) {
                    throw new VirtqueueException("queue " + number + " has an indirect table that is not allowed");
                }
                indirect = true;
                table = address;
                entries = (int) Math.min(MAX_INDIRECT, length / DESCRIPTOR);
                left = entries;
                index = 0;
                continue;
            }
            add(new Buffer(address, length), (flags & WRITE) != 0, readable, writable);
            if ((flags & NEXT) == 0) {
                return new DescriptorChain(head, readable, writable);
            }
            index = memory.u16(at + 14);
        }
    }

    private void add(Buffer buffer, boolean write, List<Buffer> readable, List<Buffer> writable)
            throws VirtqueueException {
        if (buffer.length() == 0) {
            throw new VirtqueueException("queue " + number + " has a buffer of no length");
        }
        if (!write && !writable.isEmpty()) {
            throw new VirtqueueException("queue " + number + " has a buffer to read behind one to write");
        }
        (write ? writable : readable).add(buffer);
    }

    /** Writes into a buffer of a chain; {@code from} is an offset into {@code bytes}. */
    public void write(Buffer buffer, long at, byte[] bytes, int from, int length) throws VirtqueueException {
        if (at < 0 || length < 0 || length > buffer.length() - at) {
            throw new IllegalArgumentException(length + " bytes at " + at + " do not fit into " + buffer);
        }
        memory.write(buffer.address() + at, bytes, from, length);
    }

    /** Gives a chain back, with the number of bytes that were written into its buffers. */
    public void complete(DescriptorChain chain, long written) throws VirtqueueException {
        memory.putU64(used + 4 + 8L * (nextUsed % size), (written << 32) | chain.head());
        nextUsed = (nextUsed + 1) & 0xffff;
        VarHandle.storeStoreFence(); // the entry, and the buffers, before the index
        memory.putU16(used + 2, nextUsed);
        completed = true;
    }

    /** Interrupts the driver if chains were given back and it wants to know (virtio 1.2, section 2.7.7). */
    public void publish() throws VirtqueueException {
        if (!completed) {
            return;
        }
        completed = false;
        VarHandle.fullFence(); // the used index before the look at what the driver wants
        boolean wanted;
        if (notifyOnEmpty && waiting() == 0) {
            wanted = true;
        } else if (eventIndex) {
            int event = memory.u16(available + 4 + 2L * size);
            wanted = !told || ((nextUsed - event - 1) & 0xffff) < ((nextUsed - toldUsed) & 0xffff);
        } else {
            wanted = (memory.u16(available) & NO_INTERRUPT) == 0;
        }
        toldUsed = nextUsed;
        told = true;
        if (wanted) {
            interrupt.run();
        }
    }

    static long low(long value) {
        return value & 0xffff_ffffL;
    }

    static long withLow(long value, long low) {
        return (value & ~0xffff_ffffL) | low(low);
    }

    static long withHigh(long value, long high) {
        return low(value) | (high << 32);
    }
}
