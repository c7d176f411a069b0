package dev.cprkit.vmm.migration;

import java.util.Arrays;
import java.util.Optional;

/**
 * What the stream consists of, where old machine types differ (reference/qemu-cpr.md, section 1.3). Both ends must agree.
 * Set while the process starts, then only read.
 */
public final class StreamOptions {
    /** A part of the stream that {@code -global migration.NAME=off} leaves out. */
    public enum Part {
        STORE_GLOBAL_STATE("store-global-state"),
        SEND_CONFIGURATION("send-configuration"),
        SEND_SECTION_FOOTER("send-section-footer"),
        SEND_SWITCHOVER_START("send-switchover-start");

        private final String property;

        Part(String property) {
            this.property = property;
        }

        /** The property's name. */
        public String property() {
            return property;
        }

        static Optional<Part> of(String property) {
            return Arrays.stream(values())
                    .filter(p -> p.property.equals(property))
                    .findFirst();
        }
    }

    private final boolean[] off = new boolean[Part.values().length];
    private boolean description = true;
    private int clearBitmapShift = 18;

    /** Whether the part is in the stream. */
    public boolean has(Part part) {
        return !off[part.ordinal()];
    }

    public void set(Part part, boolean present) {
        off[part.ordinal()] = !present;
    }

    /** Whether the stream ends with a description of itself; machine property {@code suppress-vmdesc} says no. */
    public boolean description() {
        return description;
    }

    public void description(boolean present) {
        description = present;
    }

    /** {@code x-clear-bitmap-shift}: in what pieces QEMU clears a kernel's dirty log; shown, and of no effect here. */
    public int clearBitmapShift() {
        return clearBitmapShift;
    }

    /** Sets it, 0 to 255. */
    public void clearBitmapShift(int shift) {
        clearBitmapShift = shift;
    }
}
