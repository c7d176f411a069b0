package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The arguments of one QMP command, taken one by one and checked as QEMU's visitors check them, with their error texts.
 * A command takes every member that it knows and then calls {@link #end}, which refuses whatever is left.
 */
public final class QmpArguments {
    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private final Map<String, JsonValue> members;
    private final String prefix;
    private final Set<String> taken = new HashSet<>();

    public QmpArguments(JsonObject object) {
        this(object, "");
    }

    private QmpArguments(JsonObject object, String prefix) {
        this.members = object.members();
        this.prefix = prefix;
    }

    /** All of them, as they came. */
    JsonObject object() {
        return new JsonObject(members);
    }

    /** Whether the member is there. */
    public boolean has(String name) {
        return members.containsKey(name);
    }

    /** Any value, or empty. */
    public Optional<JsonValue> any(String name) {
        taken.add(name);
        return Optional.ofNullable(members.get(name));
    }

    /** A string that must be there. */
    public String string(String name) throws QmpError {
        return optionalString(name).orElseThrow(() -> missing(name));
    }

    /** A string, or empty. */
    public Optional<String> optionalString(String name) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof JsonString(String text)) {
            return Optional.of(text);
        }
        throw wrongType(name, "string");
    }

    /** A boolean, or empty. */
    public Optional<Boolean> optionalBool(String name) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof JsonBool(boolean flag)) {
            return Optional.of(flag);
        }
        throw wrongType(name, "boolean");
    }

    /** An integer of up to 64 bits, signed or unsigned (the bits of an unsigned one), or empty. */
    public OptionalLong optionalInteger(String name) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (value.get() instanceof JsonNumber(BigInteger integer, double ignored)
                && integer != null
                && integer.compareTo(UINT64_MAX) <= 0
                && integer.bitLength() <= 64) {
            return OptionalLong.of(integer.longValue());
        }
        throw wrongType(name, "integer");
    }

    /**
     * An unsigned integer, or empty. A negative one that fits 64 bits counts down from 2^64, as QEMU has it.
     *
     * @param bits 8, 16, 32 or 64
     */
    public Optional<BigInteger> unsigned(String name, int bits) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof JsonNumber(BigInteger integer, double ignored))
                || integer == null
                || integer.compareTo(UINT64_MAX) > 0
                || integer.signum() < 0 && integer.bitLength() > 63) {
            throw QmpError.generic("Parameter '" + prefix + name + "' expects uint64");
        }
        BigInteger number = integer.and(UINT64_MAX);
        if (number.bitLength() > bits) {
            throw QmpError.generic("Parameter '" + name + "' expects uint" + bits + "_t");
        }
        return Optional.of(number);
    }

    /** An object's members, or empty; check them and call their {@link #end}. */
    public Optional<QmpArguments> optionalObject(String name) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof JsonObject object) {
            return Optional.of(new QmpArguments(object, prefix + name + "."));
        }
        throw wrongType(name, "object");
    }

    /** An array, or empty. */
    public Optional<JsonArray> optionalArray(String name) throws QmpError {
        Optional<JsonValue> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof JsonArray array) {
            return Optional.of(array);
        }
        throw wrongType(name, "array");
    }

    /** The object at a place of an array that was taken from {@code name}. */
    public QmpArguments element(String name, int index, JsonValue value) throws QmpError {
        if (value instanceof JsonObject object) {
            return new QmpArguments(object, prefix + name + "[" + index + "].");
        }
        throw wrongType(name + "[" + index + "]", "object");
    }

    /** Refuses members that the command did not take. */
    public void end() throws QmpError {
        for (String name : members.keySet()) {
            if (!taken.contains(name)) {
                throw QmpError.generic("Parameter '" + prefix + name + "' is unexpected");
            }
        }
    }

    /** The error for a member that must be there and is not. */
    public QmpError missing(String name) {
        return QmpError.generic("Parameter '" + prefix + name + "' is missing");
    }

    /** The error for a member of another JSON type. */
    public QmpError wrongType(String name, String expected) {
        return QmpError.generic("Invalid parameter type for '" + prefix + name + "', expected: " + expected);
    }

    /** The error for a string that is not one of an enumeration's names; QEMU names the innermost member only. */
    public QmpError badEnum(String name, String value) {
        return QmpError.generic("Parameter '" + name + "' does not accept value '" + value + "'");
    }
}
