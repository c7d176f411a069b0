package dev.cprkit.agent.check;

/** What a finding means for an update. */
public enum Weight {
    /** The update is not tried. */
    REFUSES("refuses"),
    /** The update is tried, and something is different afterwards, which whoever runs the VM may want to know. */
    TELLS("tells"),
    /** Done by hand this would go wrong; the engine does what is needed. */
    HANDLED("handled"),
    /** It does not matter in this mode. */
    NOTHING("nothing");

    private final String weightName;

    Weight(String weightName) {
        this.weightName = weightName;
    }

    /** The stable name, as in JSON output. */
    public String weightName() {
        return weightName;
    }
}
