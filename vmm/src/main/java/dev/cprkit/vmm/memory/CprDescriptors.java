package dev.cprkit.vmm.memory;

import java.util.OptionalInt;

/**
 * The descriptors that the old process sent, by name; what this one sends to the next is found in its RAM blocks.
 * Called on the main loop's thread.
 */
public interface CprDescriptors {
    /** The descriptor that came under that name; it stays the keeper's to close. {@code id} is 0 for RAM. */
    OptionalInt find(String name, int id);

    /** Forgets a descriptor, which the caller closes; nothing happens if there is none of that name. */
    void forget(String name, int id);
}
