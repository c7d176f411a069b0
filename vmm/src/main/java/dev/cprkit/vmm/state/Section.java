package dev.cprkit.vmm.state;

import java.util.Optional;

/**
 * One object's entry in the migration stream: where its state is filed, how it is described, and the object itself.
 *
 * @param idstr the section's name in the stream (reference/qemu-cpr.md, section 3.4)
 * @param instance tells objects of one name apart: 32 bits, unsigned; {@link #ANY} until it is registered
 * @param type the declaration of what travels
 * @param owner the object that the declaration reads and writes
 * @param alias a second instance number that streams of old versions use; {@link #ANY} for none
 * @param compat the name under which streams of old versions have it
 */
public record Section<T>(String idstr, int instance, VmState<T> type, T owner, int alias, Optional<Compat> compat) {
    /** The instance number that is no number: the next free one of the name is taken. */
    public static final int ANY = -1;

    /** A name and an instance number of old streams. */
    public record Compat(String idstr, int instance) {}

    /** A section that old streams know by no other name. */
    public Section(String idstr, int instance, VmState<T> type, T owner) {
        this(idstr, instance, type, owner, ANY, Optional.empty());
    }

    /** A section of instance 0 that is named as its declaration. */
    public static <T> Section<T> of(VmState<T> type, T owner) {
        return new Section<>(type.name(), 0, type, owner);
    }

    /** A section that is named as its declaration. */
    public static <T> Section<T> of(VmState<T> type, int instance, T owner) {
        return new Section<>(type.name(), instance, type, owner);
    }

    /**
     * The section of a device on a bus: named by its path, instance 0; old streams have it under the declaration's name,
     * with a number of its own.
     */
    public static <T> Section<T> at(String path, VmState<T> type, T owner) {
        return new Section<>(path + "/" + type.name(), 0, type, owner, ANY, Optional.of(new Compat(type.name(), ANY)));
    }

    /**
     * The same section, known by a second instance number to streams up to a version.
     *
     * @param required the newest version of the declaration that used the number
     * @throws IllegalArgumentException if no stream of that version can be loaded any more: drop the alias then
     */
    public Section<T> alias(int number, int required) {
        if (required < type.minimumVersion()) {
            throw new IllegalArgumentException("the alias of " + idstr + " is for version " + required
                    + ", and the oldest that can be loaded is " + type.minimumVersion());
        }
        return new Section<>(idstr, instance, type, owner, number, compat);
    }

    /** Whether a stream means this section by that name and number. */
    boolean answersTo(String name, int number) {
        if (idstr.equals(name) && (instance == number || isAlias(number))) {
            return true;
        }
        return compat.isPresent()
                && compat.get().idstr().equals(name)
                && (compat.get().instance() == number || isAlias(number));
    }

    private boolean isAlias(int number) {
        return alias != ANY && alias == number;
    }
}
