package dev.cprkit.vmm.memory;

import java.util.OptionalInt;

/**
 * The descriptors that live update keeps by name: those that the old process sent, and those that this one will send to
 * the next. Called on the main loop's thread while the machine is built.
 */
public interface CprDescriptors {
    /** The descriptor kept under that name; it stays the keeper's to close. {@code id} is 0 for RAM. */
    OptionalInt find(String name, int id);

    /** Keeps a descriptor no longer, which the caller closes; nothing happens if there is none of that name. */
    void forget(String name, int id);

    /** Keeps a descriptor, which the caller leaves open as long as the process lives. */
    void save(String name, int id, int fd);
}
