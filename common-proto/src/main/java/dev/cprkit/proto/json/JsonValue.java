package dev.cprkit.proto.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value as QMP carries it. Objects keep the order of their members. Not safe for use by several threads. */
public sealed interface JsonValue {
    /** The QAPI name of the type, as error texts show it: object, array, string, number, integer, boolean, null. */
    String typeName();

    /** An object; {@code members} is mutable and in the order of the text. */
    record JsonObject(Map<String, JsonValue> members) implements JsonValue {
        public JsonObject() {
            this(new LinkedHashMap<>());
        }

        /** Adds or replaces a member; returns this object. */
        public JsonObject put(String name, JsonValue value) {
            members.put(name, value);
            return this;
        }

        public JsonObject put(String name, String value) {
            return put(name, new JsonString(value));
        }

        public JsonObject put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        public JsonObject put(String name, boolean value) {
            return put(name, new JsonBool(value));
        }

        @Override
        public String typeName() {
            return "object";
        }
    }

    /** An array; {@code values} is mutable. */
    record JsonArray(List<JsonValue> values) implements JsonValue {
        public JsonArray() {
            this(new ArrayList<>());
        }

        /** Appends; returns this array. */
        public JsonArray add(JsonValue value) {
            values.add(value);
            return this;
        }

        @Override
        public String typeName() {
            return "array";
        }
    }

    /** A string. */
    record JsonString(String value) implements JsonValue {
        @Override
        public String typeName() {
            return "string";
        }
    }

    /**
     * A number, as QEMU keeps it: an integer of up to 64 bits, signed or unsigned, or else a double.
     *
     * @param integer the integer, or null if the number has a fraction, an exponent or more than 64 bits
     * @param real the number as a double
     */
    record JsonNumber(BigInteger integer, double real) implements JsonValue {
        /** A signed integer. */
        public static JsonNumber of(long value) {
            return new JsonNumber(BigInteger.valueOf(value), value);
        }

        /** A double. */
        public static JsonNumber of(double value) {
            return new JsonNumber(null, value);
        }

        @Override
        public String typeName() {
            return integer != null ? "integer" : "number";
        }
    }

    /** true or false. */
    record JsonBool(boolean value) implements JsonValue {
        @Override
        public String typeName() {
            return "boolean";
        }
    }

    /** null. */
    record JsonNull() implements JsonValue {
        @Override
        public String typeName() {
            return "null";
        }
    }
}
