package dev.cprkit.vmm.device;

import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;

/** Sends a device's state from one instance to another, as a migration does. */
public final class Travel {
    private Travel() {}

    /** The bytes of all sections, one after the other. */
    public static byte[] save(Device device) throws StateException, IOException {
        StateOutput out = StateOutput.toMemory();
        for (Section<?> section : device.sections()) {
            save(section, out);
        }
        return out.toByteArray();
    }

    /** Reads what {@link #save} wrote; every byte must be used. */
    public static void load(Device device, byte[] bytes) throws StateException, IOException {
        StateInput in = StateInput.of(bytes);
        for (Section<?> section : device.sections()) {
            load(section, in);
        }
        if (!in.atEnd()) {
            throw new StateException((bytes.length - in.position()) + " bytes were not read");
        }
    }

    private static <T> void save(Section<T> section, StateOutput out) throws StateException, IOException {
        StateEncoder.save(section.type(), section.owner(), out);
    }

    private static <T> void load(Section<T> section, StateInput in) throws StateException, IOException {
        StateDecoder.load(section.type(), section.owner(), section.type().version(), in);
    }
}
