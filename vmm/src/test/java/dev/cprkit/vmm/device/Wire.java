package dev.cprkit.vmm.device;

/** An interrupt wire that remembers its level and how often it rose. */
public final class Wire implements IrqLine {
    private boolean high;
    private int rises;

    @Override
    public void set(boolean level) {
        if (level && !high) {
            rises++;
        }
        high = level;
    }

    public boolean isHigh() {
        return high;
    }

    public int rises() {
        return rises;
    }
}
