package dev.cprkit.vmm.device;

import dev.cprkit.vmm.state.Section;
import java.util.List;

/** A device of a board: it can be reset, and it declares what of it travels. */
public interface Device {
    /** Back to the state of power-on. Called with the machine lock held and the vCPUs stopped. */
    void reset();

    /** The sections of the migration stream that carry this device, in order. Empty for a device without state. */
    List<Section<?>> sections();
}
