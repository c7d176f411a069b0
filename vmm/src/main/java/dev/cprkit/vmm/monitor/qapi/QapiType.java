package dev.cprkit.vmm.monitor.qapi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A type of QMP's values. Immutable; any thread. */
public sealed interface QapiType {
    /** The name that the declarations know it by. Clients see it only in texts about alternates. */
    String typeName();

    /** What is not made of other types; names as in declarations. */
    enum Builtin implements QapiType {
        STR("str", "str", "string"),
        BOOL("bool", "bool", "boolean"),
        NUMBER("number", "number", "number"),
        NULL("null", "null", "null"),
        ANY("any", "any", "value"),
        INT("int", "int", "int"),
        INT8("int8", "int", "int"),
        INT16("int16", "int", "int"),
        INT32("int32", "int", "int"),
        UINT8("uint8", "int", "int"),
        UINT16("uint16", "int", "int"),
        UINT32("uint32", "int", "int"),
        UINT64("uint64", "int", "int"),
        SIZE("size", "int", "int");

        private final String declared;
        private final String shown;
        private final String json;

        Builtin(String declared, String shown, String json) {
            this.declared = declared;
            this.shown = shown;
            this.json = json;
        }

        @Override
        public String typeName() {
            return declared;
        }

        /** Its name in query-qmp-schema, which knows one type of integer only. */
        String shown() {
            return shown;
        }

        /** Its {@code json-type} in query-qmp-schema. */
        String json() {
            return json;
        }
    }

    /** One of some strings. */
    record Enumeration(String typeName, List<String> values) implements QapiType {}

    /** Any number of values of one type. */
    record ListOf(QapiType element) implements QapiType {
        @Override
        public String typeName() {
            return "[" + element.typeName() + "]";
        }
    }

    /** A value of one of several types, told apart by their JSON types. */
    record Alternate(String typeName, List<QapiType> types) implements QapiType {}

    /**
     * An object.
     *
     * @param members in the order in which they are looked at
     * @param variants further members that depend on one of {@code members}
     * @param open whether it takes members that are not declared, unchecked
     */
    record Structure(String typeName, List<Member> members, Optional<Variants> variants, boolean open)
            implements QapiType {}

    /** A member of an object. */
    record Member(String name, QapiType type, boolean optional) {}

    /**
     * What further members an object has.
     *
     * @param tag the member that decides, of an enumeration's type
     * @param cases the further members by the tag's value; a value that is not there adds none
     */
    record Variants(String tag, Map<String, Structure> cases) {}
}
