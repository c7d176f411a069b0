package dev.cprkit.vmm.monitor.qapi;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a JSON value against a declared type, with QEMU's error texts and in QEMU's order: members as they are declared,
 * then those of the variant, then whatever is too much. As in QEMU, a wrong JSON type and a missing member are named with
 * their whole path, a value out of its range or enumeration with the last name only. Stateless; any thread.
 */
public final class QapiCheck {
    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private QapiCheck() {}

    /** The arguments of a command are not what it declares; the text is for the client. */
    public static final class Mismatch extends Exception {
        private static final long serialVersionUID = 1L;

        private Mismatch(String message) {
            super(message, null, false, false);
        }
    }

    /** Checks the arguments of a command, or a reply. */
    public static void check(QapiType type, JsonValue value) throws Mismatch {
        check(type, value, "", "null");
    }

    private static void check(QapiType type, JsonValue value, String path, String name) throws Mismatch {
        switch (type) {
            case QapiType.Builtin builtin -> builtin(builtin, value, path, name);
            case QapiType.Enumeration(String ignored, List<String> values) -> {
                if (!(value instanceof JsonString(String text))) {
                    throw wrong(path, "string");
                }
                if (!values.contains(text)) {
                    throw new Mismatch("Parameter '" + name + "' does not accept value '" + text + "'");
                }
            }
            case QapiType.ListOf(QapiType element) -> {
                if (!(value instanceof JsonArray(List<JsonValue> elements))) {
                    throw wrong(path, "array");
                }
                for (int i = 0; i < elements.size(); i++) {
                    check(element, elements.get(i), path + "[" + i + "]", "null");
                }
            }
            case QapiType.Alternate alternate -> alternate(alternate, value, path, name);
            case QapiType.Structure structure -> {
                if (!(value instanceof JsonObject(Map<String, JsonValue> members))) {
                    throw wrong(path, "object");
                }
                structure(structure, members, path);
            }
        }
    }

    private static void structure(QapiType.Structure structure, Map<String, JsonValue> values, String path)
            throws Mismatch {
        String prefix = path.isEmpty() ? "" : path + ".";
        Set<String> known = new HashSet<>();
        boolean open = members(structure, values, prefix, known);
        for (String name : values.keySet()) {
            if (!open && !known.contains(name)) {
                throw new Mismatch("Parameter '" + prefix + name + "' is unexpected");
            }
        }
    }

    /** Checks the members, then those of the variant, which may have variants of its own; whether others may be there. */
    private static boolean members(
            QapiType.Structure structure, Map<String, JsonValue> values, String prefix, Set<String> known)
            throws Mismatch {
        for (QapiType.Member member : structure.members()) {
            known.add(member.name());
            JsonValue value = values.get(member.name());
            if (value != null) {
                check(member.type(), value, prefix + member.name(), member.name());
            } else if (!member.optional()) {
                throw new Mismatch("Parameter '" + prefix + member.name() + "' is missing");
            }
        }
        Optional<QapiType.Structure> variant = variant(structure, values);
        boolean open = variant.isPresent() && members(variant.get(), values, prefix, known);
        return open || structure.open();
    }

    private static Optional<QapiType.Structure> variant(QapiType.Structure structure, Map<String, JsonValue> values) {
        if (structure.variants().isPresent()
                && values.get(structure.variants().get().tag()) instanceof JsonString(String tag)) {
            return Optional.ofNullable(structure.variants().get().cases().get(tag));
        }
        return Optional.empty();
    }

    private static void alternate(QapiType.Alternate alternate, JsonValue value, String path, String name)
            throws Mismatch {
        for (QapiType choice : alternate.types()) {
            boolean fits =
                    switch (choice) {
                        case QapiType.Builtin builtin -> jsonType(builtin).equals(value.typeName());
                        case QapiType.Enumeration ignored -> value instanceof JsonString;
                        case QapiType.ListOf ignored -> value instanceof JsonArray;
                        case QapiType.Structure ignored -> value instanceof JsonObject;
                        case QapiType.Alternate ignored -> false;
                    };
            if (fits) {
                check(choice, value, path, name);
                return;
            }
        }
        throw new Mismatch("Invalid parameter type for '" + name + "', expected: " + alternate.typeName());
    }

    private static void builtin(QapiType.Builtin type, JsonValue value, String path, String name) throws Mismatch {
        switch (type) {
            case ANY -> {}
            case STR, BOOL, NULL -> {
                if (!jsonType(type).equals(value.typeName())) {
                    throw wrong(path, jsonType(type));
                }
            }
            case NUMBER -> {
                if (!(value instanceof JsonNumber)) {
                    throw wrong(path, "number");
                }
            }
            case INT -> signed(value, path);
            case INT8 -> inRange(signed(value, path), 7, name, "int8_t");
            case INT16 -> inRange(signed(value, path), 15, name, "int16_t");
            case INT32 -> inRange(signed(value, path), 31, name, "int32_t");
            case UINT64, SIZE -> unsigned(value, path);
            case UINT8 -> inRange(unsigned(value, path), 8, name, "uint8_t");
            case UINT16 -> inRange(unsigned(value, path), 16, name, "uint16_t");
            case UINT32 -> inRange(unsigned(value, path), 32, name, "uint32_t");
        }
    }

    private static String jsonType(QapiType.Builtin type) {
        return switch (type) {
            case STR -> "string";
            case BOOL -> "boolean";
            case NULL -> new JsonNull().typeName();
            case NUMBER -> "number";
            case ANY -> "any";
            case INT, INT8, INT16, INT32, UINT8, UINT16, UINT32, UINT64, SIZE -> "integer";
        };
    }

    private static BigInteger signed(JsonValue value, String path) throws Mismatch {
        if (value instanceof JsonNumber(BigInteger integer, double ignored)
                && integer != null
                && integer.bitLength() <= 63) {
            return integer;
        }
        throw wrong(path, "integer");
    }

    /** Negative numbers are taken as the unsigned ones of the same bits, as QEMU does for old clients. */
    private static BigInteger unsigned(JsonValue value, String path) throws Mismatch {
        if (value instanceof JsonNumber(BigInteger integer, double ignored) && integer != null) {
            if (integer.signum() < 0 && integer.bitLength() <= 63) {
                return integer.and(UINT64_MAX);
            }
            if (integer.signum() >= 0 && integer.bitLength() <= 64) {
                return integer;
            }
        }
        throw new Mismatch("Parameter '" + path + "' expects uint64");
    }

    private static void inRange(BigInteger value, int bits, String name, String type) throws Mismatch {
        if (value.bitLength() > bits) {
            throw new Mismatch("Parameter '" + name + "' expects " + type);
        }
    }

    private static Mismatch wrong(String path, String expected) {
        return new Mismatch("Invalid parameter type for '" + path + "', expected: " + expected);
    }
}
