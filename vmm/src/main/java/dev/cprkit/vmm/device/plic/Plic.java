package dev.cprkit.vmm.device.plic;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.Arrays;
import java.util.List;

/**
 * The platform-level interrupt controller (RISC-V PLIC specification 1.0.0), with the register layout of SiFive's.
 *
 * <p>Each source has a gateway for a level-triggered wire: a high wire makes the source pending once; a claim takes the
 * pending bit and closes the gateway; a completion opens it, and a wire that is still high then makes the source pending
 * again. A wire that falls before the claim leaves its pending bit, as the specification has it.
 *
 * <p>A context is one privilege mode of one hart; contexts are numbered M then S, hart by hart. All methods are called
 * with the machine lock held.
 */
public final class Plic implements Device, MmioRegion, IrqWires {
    /** Where the board {@code virt} has it. */
    public static final long BASE = 0xc00_0000L;
    /** Bytes of registers: room for 512 harts. */
    public static final long SIZE = 0x60_0000L;
    /** Sources of the board {@code virt}, source 0 (which does not exist) included. */
    public static final int SOURCES = 96;

    private static final int PENDING = 0x1000;
    private static final int ENABLE = 0x2000;
    private static final int ENABLE_STRIDE = 0x80;
    private static final int CONTEXT = 0x20_0000;
    private static final int CONTEXT_STRIDE = 0x1000;
    /** Priorities 0 (never) to 7; a register keeps three bits. */
    private static final int PRIORITY_MASK = 7;

    private static final int SUPERVISOR_EXTERNAL = 9;
    private static final int MACHINE_EXTERNAL = 11;

    private final int sources;
    private final int words;
    private final IrqLine[] outputs;
    private final int[] priority;
    private final int[] threshold;
    private final int[] pending;
    private final int[] claimed;
    /** One row of words for each context. */
    private final int[] enable;
    /** The wires as the devices drive them. Does not travel: devices raise their wires again when they are loaded. */
    private final int[] level;

    private Watch inputWatch = (number, high) -> {};

    private final VmState<Plic> state;

    /**
     * @param sources number of sources with source 0, a multiple of 32 up to 1024
     * @param outputs each context's external interrupt: MEIP of hart 0, SEIP of hart 0, MEIP of hart 1 …
     */
    public Plic(int sources, List<IrqLine> outputs) {
        if (sources <= 0 || sources > 1024 || sources % 32 != 0) {
            throw new IllegalArgumentException("a PLIC has 32 to 1024 sources, a multiple of 32: " + sources);
        }
        this.sources = sources;
        this.words = sources / 32;
        this.outputs = outputs.toArray(new IrqLine[0]);
        this.priority = new int[sources];
        this.threshold = new int[outputs.size()];
        this.pending = new int[words];
        this.claimed = new int[words];
        this.enable = new int[words * outputs.size()];
        this.level = new int[words];
        this.state = VmState.<Plic>of("riscv_sifive_plic", 1)
                .u32s("source_priority", sources, p -> p.priority)
                .u32s("target_priority", threshold.length, p -> p.threshold)
                .u32s("pending", words, p -> p.pending)
                .u32s("claimed", words, p -> p.claimed)
                .u32s("enable", enable.length, p -> p.enable)
                .postLoad((p, version) -> p.update())
                .build();
    }

    /** The wire of a source, 1 to sources - 1. */
    public IrqLine source(int number) {
        if (number <= 0 || number >= sources) {
            throw new IllegalArgumentException("no interrupt source " + number);
        }
        return high -> drive(number, high);
    }

    @Override
    public int inputs() {
        return sources;
    }

    @Override
    public void drive(int source, boolean high) {
        int word = source >> 5;
        int bit = 1 << source;
        if (source == 0 || ((level[word] & bit) != 0) == high) {
            return;
        }
        level[word] ^= bit;
        if (high && (claimed[word] & bit) == 0) {
            pending[word] |= bit;
            update();
        }
        inputWatch.changed(source, high);
    }

    @Override
    public void watchInputs(Watch watch) {
        Watch before = inputWatch;
        inputWatch = (number, high) -> {
            before.changed(number, high);
            watch.changed(number, high);
        };
    }

    /** QEMU numbers the S contexts of all harts first, then their M contexts. */
    @Override
    public void watchOutputs(Watch watch) {
        int harts = outputs.length / 2;
        for (int context = 0; context < outputs.length; context++) {
            IrqLine wire = outputs[context];
            int number = context % 2 == 1 ? context / 2 : harts + context / 2;
            outputs[context] = new IrqLine() {
                private boolean high;

                @Override
                public void set(boolean next) {
                    wire.set(next);
                    if (next != high) {
                        high = next;
                        watch.changed(number, next);
                    }
                }
            };
        }
    }

    @Override
    public long read(long offset, int size) {
        if (size != 4) {
            return 0;
        }
        int at = (int) offset;
        if (at < PENDING) {
            int source = at >> 2;
            return source < sources ? priority[source] : 0;
        }
        if (at < ENABLE) {
            int word = (at - PENDING) >> 2;
            return word < words ? Integer.toUnsignedLong(pending[word]) : 0;
        }
        if (at < CONTEXT) {
            int index = enableIndex(at);
            return index >= 0 ? Integer.toUnsignedLong(enable[index]) : 0;
        }
        int context = (at - CONTEXT) / CONTEXT_STRIDE;
        if (context >= outputs.length) {
            return 0;
        }
        return switch (at & (CONTEXT_STRIDE - 1)) {
            case 0 -> threshold[context];
            case 4 -> claim(context);
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size != 4) {
            return;
        }
        int at = (int) offset;
        if (at < PENDING) {
            int source = at >> 2;
            if (source > 0 && source < sources) {
                priority[source] = (int) value & PRIORITY_MASK;
                update();
            }
        } else if (at >= ENABLE && at < CONTEXT) {
            int index = enableIndex(at);
            if (index >= 0) {
                enable[index] = (int) value & (index % words == 0 ? ~1 : ~0);
                update();
            }
        } else if (at >= CONTEXT) {
            int context = (at - CONTEXT) / CONTEXT_STRIDE;
            if (context < outputs.length) {
                writeContext(context, at & (CONTEXT_STRIDE - 1), (int) value);
            }
        }
    }

    private void writeContext(int context, int register, int value) {
        if (register == 0) {
            threshold[context] = value & PRIORITY_MASK;
            update();
        } else if (register == 4) {
            complete(context, value);
        }
    }

    private int enableIndex(int at) {
        int context = (at - ENABLE) / ENABLE_STRIDE;
        int word = ((at - ENABLE) % ENABLE_STRIDE) >> 2;
        return context < outputs.length && word < words ? context * words + word : -1;
    }

    /** Takes the most urgent source, whatever the threshold (section 8 of the specification); 0 if there is none. */
    private int claim(int context) {
        int source = mostUrgent(context, 0);
        if (source != 0) {
            pending[source >> 5] &= ~(1 << source);
            claimed[source >> 5] |= 1 << source;
            update();
        }
        return source;
    }

    /** Ends the service of a source; ignored if the context has not enabled it (section 9 of the specification). */
    private void complete(int context, int source) {
        if (source <= 0 || source >= sources) {
            return;
        }
        int word = source >> 5;
        int bit = 1 << source;
        if ((enable[context * words + word] & bit) == 0) {
            return;
        }
        claimed[word] &= ~bit;
        pending[word] |= level[word] & bit;
        update();
    }

    /** The pending, enabled source of the highest priority above {@code above}, the lowest number first; or 0. */
    private int mostUrgent(int context, int above) {
        int best = 0;
        int bestPriority = above;
        for (int word = 0; word < words; word++) {
            int ready = pending[word] & ~claimed[word] & enable[context * words + word];
            while (ready != 0) {
                int source = (word << 5) + Integer.numberOfTrailingZeros(ready);
                if (priority[source] > bestPriority) {
                    best = source;
                    bestPriority = priority[source];
                }
                ready &= ready - 1;
            }
        }
        return best;
    }

    private void update() {
        for (int context = 0; context < outputs.length; context++) {
            outputs[context].set(mostUrgent(context, threshold[context]) != 0);
        }
    }

    @Override
    public void reset() {
        Arrays.fill(priority, 0);
        Arrays.fill(threshold, 0);
        Arrays.fill(claimed, 0);
        Arrays.fill(enable, 0);
        // A wire that is high across a reset is a request to the gateway that has just been opened.
        System.arraycopy(level, 0, pending, 0, words);
        update();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(state, this));
    }

    /**
     * Adds the controller's node.
     *
     * @param phandle what devices name as their interrupt parent
     * @param harts the phandle of each hart's interrupt controller, hart 0 first
     */
    public void describe(FdtNode parent, int phandle, int[] harts) {
        int[] extended = new int[harts.length * 4];
        for (int hart = 0; hart < harts.length; hart++) {
            extended[hart * 4] = harts[hart];
            extended[hart * 4 + 1] = MACHINE_EXTERNAL;
            extended[hart * 4 + 2] = harts[hart];
            extended[hart * 4 + 3] = SUPERVISOR_EXTERNAL;
        }
        parent.child("interrupt-controller@" + Long.toHexString(BASE))
                .cells("phandle", phandle)
                .cells("riscv,ndev", sources - 1)
                .reg(BASE, SIZE)
                .cells("interrupts-extended", extended)
                .flag("interrupt-controller")
                .strings("compatible", "sifive,plic-1.0.0", "riscv,plic0")
                .cells("#address-cells", 0)
                .cells("#interrupt-cells", 1);
    }
}
