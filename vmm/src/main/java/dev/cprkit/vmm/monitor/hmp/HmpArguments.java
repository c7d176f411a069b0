package dev.cprkit.vmm.monitor.hmp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The parameters of one command line, by the names that the command's {@link HmpSyntax} gives them. */
public final class HmpArguments {
    private final Map<String, Object> values = new HashMap<>();

    HmpArguments() {}

    void put(String name, Object value) {
        values.put(name, value);
    }

    /** Whether a flag was given. */
    public boolean flag(String name) {
        return values.containsKey(name);
    }

    /** A string that must be there. */
    public String string(String name) {
        return optionalString(name).orElseThrow(() -> new IllegalArgumentException("no parameter " + name));
    }

    /** A string, or empty. */
    public Optional<String> optionalString(String name) {
        return values.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** A number that must be there. */
    public long number(String name) {
        return optionalNumber(name).orElseThrow(() -> new IllegalArgumentException("no parameter " + name));
    }

    /** A number, or empty. */
    public OptionalLong optionalNumber(String name) {
        return values.get(name) instanceof Long value ? OptionalLong.of(value) : OptionalLong.empty();
    }

    /** {@code on} or {@code off}. */
    public boolean isOn(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    /** A text with each {@code {name}} of a parameter that was given replaced by its value. */
    public String fill(String text) {
        String filled = text;
        for (Map.Entry<String, Object> value : values.entrySet()) {
            filled = filled.replace("{" + value.getKey() + "}", value.getValue().toString());
        }
        return filled;
    }

    /** A format, which every {@code /} parameter has. */
    public HmpFormat format(String name) {
        return (HmpFormat) values.get(name);
    }
}
