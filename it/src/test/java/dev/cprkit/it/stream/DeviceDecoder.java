package dev.cprkit.it.stream;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** One device's section, taken apart by what the stream's description says of it (reference/qemu-cpr.md, 3.11). */
final class DeviceDecoder {
    private static final int SUBSECTION = 0x05;

    private final StreamBytes in;
    private final JsonNode device;
    private final List<MainStream.Leaf> leaves = new ArrayList<>();

    DeviceDecoder(StreamBytes in, JsonNode device) {
        this.in = in;
        this.device = device;
    }

    List<MainStream.Leaf> decode(int version) {
        if (device.has("vmsd_name")) {
            in.expect(device.path("version").asInt() == version, "the description tells of another version");
        }
        body(device, "");
        return leaves;
    }

    private void body(JsonNode description, String path) {
        for (JsonNode field : description.path("fields")) {
            field(field, path + field.path("name").asText());
        }
        for (JsonNode subsection : description.path("subsections")) {
            String name = subsection.path("vmsd_name").asText();
            in.expect(
                    in.mark("subsection").u8() == SUBSECTION, "subsection " + name + " is described and does not come");
            String read = in.mark("subsection's name").counted();
            in.expect(read.equals(name), "subsection " + read + " comes instead of " + name);
            in.expect(
                    in.mark(name + ": version").u32()
                            == subsection.path("version").asInt(),
                    "subsection " + name + " has another version");
            body(subsection, path + name + ":");
        }
    }

    private void field(JsonNode field, String path) {
        int size = field.path("size").asInt(-1);
        in.expect(size >= 0, "field " + path + " has no size");
        int count = field.path("array_len").asInt(1);
        for (int i = 0; i < count; i++) {
            String element = count > 1
                    ? path + "[" + i + "]"
                    : field.has("index") ? path + "[" + field.path("index").asInt() + "]" : path;
            int start = in.at();
            if (field.has("struct")) {
                body(field.path("struct"), element + ".");
                in.expect(
                        in.at() - start == size,
                        "structure " + element + " has " + (in.at() - start) + " bytes, and " + size
                                + " are described");
            } else {
                in.mark(device.path("name").asText() + ": " + element).take(size);
                leaves.add(new MainStream.Leaf(element, field.path("type").asText(), start, size));
            }
        }
    }
}
