package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An analyser of streams that knows nothing but what reference/qemu-cpr.md, sections 3.2 to 3.11, says: it takes every
 * byte of a section by what the JSON description says of it, and fails where the two do not agree.
 */
public final class DescriptionWalker {
    private final ByteBuffer bytes;
    private final JsonObject description;

    private DescriptionWalker(byte[] stream, JsonObject description) {
        this.bytes = ByteBuffer.wrap(stream);
        this.description = description;
    }

    /** Walks one device's bytes by its entry in the description; all of them must be used. */
    public static void walkDevice(byte[] state, JsonObject device) {
        DescriptionWalker walker = new DescriptionWalker(state, device);
        walker.body(device);
        assertThat(walker.bytes.remaining()).as("bytes that nothing describes").isZero();
    }

    /** Walks a whole main stream and the description behind it; returns how many device sections there were. */
    public static int walkStream(byte[] stream) throws Exception {
        ByteBuffer all = ByteBuffer.wrap(stream);
        String text = new String(stream, StandardCharsets.ISO_8859_1);
        int json = text.indexOf("{\"configuration\"");
        assertThat(all.get(json - 5)).as("type of the last part").isEqualTo((byte) 6);
        assertThat(all.getInt(json - 4)).isEqualTo(stream.length - json);
        JsonObject description = (JsonObject) JsonText.parse(text.substring(json));
        return new DescriptionWalker(java.util.Arrays.copyOf(stream, json - 5), description).stream();
    }

    private int stream() {
        assertThat(bytes.getInt()).isEqualTo(0x5145564d);
        assertThat(bytes.getInt()).isEqualTo(3);
        assertThat(bytes.get()).isEqualTo((byte) 7);
        body(object(description, "configuration"));
        int devices = 0;
        for (int type = bytes.get(); type != 0; type = bytes.get()) {
            switch (type) {
                case 1 -> {
                    int id = bytes.getInt();
                    assertThat(counted()).isEqualTo("ram");
                    assertThat(bytes.getInt()).isZero();
                    assertThat(bytes.getInt()).isEqualTo(4);
                    long left = bytes.getLong() - 4;
                    while (left > 0) {
                        assertThat(counted()).isNotEmpty();
                        left -= bytes.getLong();
                    }
                    assertThat(bytes.getLong()).isEqualTo(0x10);
                    footer(id);
                }
                case 3 -> {
                    int id = bytes.getInt();
                    assertThat(bytes.getLong()).isEqualTo(0x10);
                    footer(id);
                }
                case 4 -> {
                    device();
                    devices++;
                }
                case 8 -> {
                    bytes.getShort();
                    bytes.position(bytes.position() + 2 + bytes.getShort(bytes.position()));
                }
                default -> throw new AssertionError("section type " + type + " at " + bytes.position());
            }
        }
        assertThat(bytes.remaining()).isZero();
        assertThat(array(description, "devices")).hasSize(devices);
        return devices;
    }

    private void device() {
        int id = bytes.getInt();
        String name = counted();
        long instance = bytes.getInt() & 0xffff_ffffL;
        int version = bytes.getInt();
        for (JsonValue entry : array(description, "devices")) {
            JsonObject device = (JsonObject) entry;
            if (string(device, "name").equals(name) && number(device, "instance_id") == instance) {
                assertThat(number(device, "version")).isEqualTo(version);
                body(device);
                footer(id);
                return;
            }
        }
        throw new AssertionError("section " + name + " " + instance + " is not described");
    }

    private void body(JsonObject type) {
        for (JsonValue entry : array(type, "fields")) {
            JsonObject field = (JsonObject) entry;
            long count = field.members().containsKey("array_len") ? number(field, "array_len") : 1;
            for (long i = 0; i < count; i++) {
                field(field);
            }
        }
        if (type.members().containsKey("subsections")) {
            for (JsonValue entry : array(type, "subsections")) {
                JsonObject part = (JsonObject) entry;
                assertThat(bytes.get()).as("subsection %s", part).isEqualTo((byte) 5);
                assertThat(counted()).isEqualTo(string(part, "vmsd_name"));
                assertThat((long) bytes.getInt()).isEqualTo(number(part, "version"));
                body(part);
            }
        }
    }

    private void field(JsonObject field) {
        int from = bytes.position();
        switch (string(field, "type")) {
            case "struct" -> body(object(field, "struct"));
            case "capability" -> counted();
            case "nullptr" -> assertThat(bytes.get()).isEqualTo((byte) 0x30);
            default -> bytes.position(from + (int) number(field, "size"));
        }
        assertThat((long) bytes.position() - from).as("size of %s", field).isEqualTo(number(field, "size"));
    }

    private void footer(int id) {
        assertThat(bytes.get()).isEqualTo((byte) 0x7e);
        assertThat(bytes.getInt()).isEqualTo(id);
    }

    private String counted() {
        byte[] text = new byte[bytes.get() & 0xff];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static JsonObject object(JsonObject in, String name) {
        return (JsonObject) in.members().get(name);
    }

    private static List<JsonValue> array(JsonObject in, String name) {
        return ((JsonArray) in.members().get(name)).values();
    }

    private static String string(JsonObject in, String name) {
        return ((JsonString) in.members().get(name)).value();
    }

    private static long number(JsonObject in, String name) {
        return ((JsonNumber) in.members().get(name)).integer().longValueExact();
    }
}
