package dev.cprkit.vmm.qom;

import dev.cprkit.proto.json.JsonValue;
import java.util.List;
import java.util.Optional;

/**
 * A type of object. Immutable.
 *
 * @param name its name, QEMU's where QEMU has it
 * @param parent the type that it extends; empty for {@code object}
 * @param isAbstract whether there are objects of its subtypes only
 * @param pluggable whether a client may make one with device_add
 * @param properties its own properties; those of its ancestors come before them
 */
public record QomType(
        String name, Optional<QomType> parent, boolean isAbstract, boolean pluggable, List<Property> properties) {
    /**
     * A property.
     *
     * @param type {@code bool}, {@code int}, {@code link<TYPE>} ...
     * @param description a few words about it
     * @param initial its value if nobody sets it
     */
    public record Property(String name, String type, Optional<String> description, Optional<JsonValue> initial) {}

    /** Whether it is that type or extends it. */
    public boolean is(String ancestor) {
        return name.equals(ancestor) || parent.map(p -> p.is(ancestor)).orElse(false);
    }

    /** The property of that name, its own or an ancestor's. */
    public Optional<Property> property(String wanted) {
        for (Property property : properties) {
            if (property.name().equals(wanted)) {
                return Optional.of(property);
            }
        }
        return parent.isPresent() ? parent.get().property(wanted) : Optional.empty();
    }
}
