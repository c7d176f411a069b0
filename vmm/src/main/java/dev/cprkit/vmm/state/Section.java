package dev.cprkit.vmm.state;

/**
 * One object's entry in the migration stream: where its state is filed, how it is described, and the object itself.
 *
 * @param idstr the section's name in the stream (reference/qemu-cpr.md, section 3.4)
 * @param instance tells objects of one name apart, from 0
 * @param type the declaration of what travels
 * @param owner the object that the declaration reads and writes
 */
public record Section<T>(String idstr, int instance, VmState<T> type, T owner) {
    /** A section of instance 0 that is named as its declaration. */
    public static <T> Section<T> of(VmState<T> type, T owner) {
        return new Section<>(type.name(), 0, type, owner);
    }

    /** A section that is named as its declaration. */
    public static <T> Section<T> of(VmState<T> type, int instance, T owner) {
        return new Section<>(type.name(), instance, type, owner);
    }
}
